namespace Optc.Compiler

open System
open System.Collections.Generic

/// The least residual over the convex weights of kinks: the test for 0 in the subdifferential.
module AuditKinks =
    let private mostSweeps = 3000

    /// Groups of choices that share columns.
    let private components (choices: KinkChoice[]) : int[][] =
        let parent = Array.init choices.Length id

        let rec root k =
            if parent[k] = k then
                k
            else
                parent[k] <- parent[parent[k]]
                root parent[k]

        let owner = Dictionary<int, int>()

        for k in 0 .. choices.Length - 1 do
            for vector in choices[k].Vectors do
                for struct (column, _) in vector do
                    match owner.TryGetValue column with
                    | true, other -> parent[root k] <- root other
                    | _ -> owner[column] <- k

        [| 0 .. choices.Length - 1 |] |> Array.groupBy root |> Array.map snd

    let private dot (residual: float[]) (vector: struct (int * float)[]) =
        let mutable total = 0.0

        for struct (column, value) in vector do
            total <- total + value * residual[column]

        total

    let private add (sums: Dictionary<int, float>) column value =
        match sums.TryGetValue column with
        | true, known -> sums[column] <- known + value
        | _ -> sums[column] <- value

    let private move (residual: float[]) (vector: struct (int * float)[]) step =
        for struct (column, value) in vector do
            residual[column] <- residual[column] + step * value

    /// Minimises ½‖r + Σ w v‖² over weights in simplices by steps between two vectors of one simplex at a time: the pair
    /// with the steepest descent (Platt 1999; the gap is that of Frank and Wolfe 1956). Leaves the sum in `residual`. Gives
    /// the columns where neither a residual below `small` nor a proof that it cannot be so small was reached.
    let settle (residual: float[]) (choices: KinkChoice[]) (small: float) : HashSet<int> =
        let undecided = HashSet<int>()

        for members in components choices do
            let weights =
                members
                |> Array.map (fun k ->
                    let count = choices[k].Vectors.Length
                    Array.create count (1.0 / float count))

            let columns = HashSet<int>()

            for m in 0 .. members.Length - 1 do
                choices[members[m]].Vectors
                |> Array.iteri (fun k vector ->
                    move residual vector (weights[m][k])

                    for struct (column, _) in vector do
                        columns.Add column |> ignore)

            let scratch = Dictionary<int, float>()
            let mutable sweep = 0
            let mutable isDone = false

            while not isDone do
                sweep <- sweep + 1
                let mutable gap = 0.0

                for m in 0 .. members.Length - 1 do
                    let vectors = choices[members[m]].Vectors
                    let w = weights[m]
                    let slopes = vectors |> Array.map (dot residual)
                    let mutable low = 0
                    let mutable high = -1

                    for k in 0 .. slopes.Length - 1 do
                        if slopes[k] < slopes[low] then
                            low <- k

                        if w[k] > 0.0 && (high < 0 || slopes[k] > slopes[high]) then
                            high <- k

                    for k in 0 .. slopes.Length - 1 do
                        gap <- gap + w[k] * (slopes[k] - slopes[low])

                    if high >= 0 && slopes[high] > slopes[low] then
                        scratch.Clear()

                        for struct (column, value) in vectors[low] do
                            add scratch column value

                        for struct (column, value) in vectors[high] do
                            add scratch column -value

                        let mutable square = 0.0

                        for entry in scratch do
                            square <- square + entry.Value * entry.Value

                        if square > 0.0 then
                            let step = min w[high] ((slopes[high] - slopes[low]) / square)
                            w[high] <- if step = w[high] then 0.0 else w[high] - step
                            w[low] <- w[low] + step

                            for entry in scratch do
                                residual[entry.Key] <- residual[entry.Key] + step * entry.Value

                let mutable largest = 0.0
                let mutable squares = 0.0

                for column in columns do
                    largest <- max largest (abs residual[column])
                    squares <- squares + residual[column] * residual[column]

                // The least value is at least ½ squares − gap: then most of what is left cannot be removed.
                if largest <= small || gap <= 0.05 * squares || Double.IsNaN squares then
                    isDone <- true
                elif sweep = mostSweeps then
                    undecided.UnionWith columns
                    isDone <- true

        undecided
