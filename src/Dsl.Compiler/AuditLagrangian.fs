namespace Optc.Compiler

open System.Collections.Generic

/// A convex combination of these sparse vectors belongs to a gradient.
type KinkChoice = { Vectors: struct (int * float)[][] }

/// The gradient of a weighted sum of everything the interpreter runs, by reverse sweeps term by term. Kinks contribute
/// choices instead of numbers; columns behind kinks inside kinks are left out and marked.
[<Sealed>]
type AuditLagrangian(interpreter: AuditInterpreter) as this =
    /// Entries of choices kept; kinks beyond are left out like nested ones.
    static let mostEntries = 2_000_000

    let tape = interpreter.Tape
    let count = interpreter.VariableCount
    let gradient: float[] = Array.zeroCreate count
    let excluded: bool[] = Array.zeroCreate count
    let definedWeights = ResizeArray<float>()
    let choices = ResizeArray<KinkChoice>()
    let mutable entries = 0

    let add column weight =
        if column < count then
            gradient[column] <- gradient[column] + weight
        else
            while definedWeights.Count <= column - count do
                definedWeights.Add 0.0

            definedWeights[column - count] <- definedWeights[column - count] + weight

    /// The kinks that got weight in the last sweep
    let active mark root =
        [ for kink in tape.Kinks do
              if kink.Node >= mark && kink.Node <= root && tape.Adjoint kink.Node <> 0.0 then
                  struct (kink, tape.Adjoint kink.Node) ]

    /// The gradient of a recorded value, defined variables looked through; None when it meets a kink.
    let sparse (mark: int) (value: Traced) : Dictionary<int, float> option =
        let found = Dictionary<int, float>()
        let pending = SortedDictionary<int, float>()

        let put column weight =
            if column < count then
                found[column] <- weight + (if found.ContainsKey column then found[column] else 0.0)
            else
                // Later definitions come first: they need earlier ones.
                let key = count - column
                let known = if pending.ContainsKey key then pending[key] else 0.0
                pending[key] <- known + weight

        let mutable smooth = true

        let sweep root mark weight =
            tape.Sweep(root, mark, weight, put)
            smooth <- smooth && (active mark root).IsEmpty

        if value.Node >= 0 then
            sweep value.Node mark 1.0

        while smooth && pending.Count > 0 do
            let next = Seq.head pending
            pending.Remove next.Key |> ignore
            let mark = tape.Mark
            let body = interpreter.Record(-next.Key)

            if body.Node >= 0 && next.Value <> 0.0 then
                sweep body.Node mark next.Value

            tape.Truncate mark

        if smooth then Some found else None

    /// Marks every column behind a value.
    let exclude (mark: int) (value: Traced) =
        let seen = HashSet<int>()
        let pending = Stack<int>()

        let put column =
            if column < count then excluded[column] <- true
            elif seen.Add(column - count) then pending.Push(column - count)

        if value.Node >= 0 then
            tape.Reach(value.Node, mark, put)

        while pending.Count > 0 do
            let mark = tape.Mark
            let body = interpreter.Record(pending.Pop())

            if body.Node >= 0 then
                tape.Reach(body.Node, mark, put)

            tape.Truncate mark

    let harvest mark (kink: Kink) weight =
        let gradients =
            if kink.IsBall || entries > mostEntries then
                None
            else
                let known = Dictionary<int, Dictionary<int, float> option>()

                let vectors =
                    kink.Operands
                    |> Array.map (fun (struct (operand, coefficient)) ->
                        let gradient =
                            match known.TryGetValue operand.Node with
                            | true, gradient -> gradient
                            | _ ->
                                let gradient = sparse mark operand
                                known[operand.Node] <- gradient
                                gradient

                        gradient
                        |> Option.map (fun found ->
                            [| if coefficient <> 0.0 then
                                   for entry in found do
                                       if entry.Value <> 0.0 then
                                           struct (entry.Key, weight * coefficient * entry.Value) |]))

                if vectors |> Array.forall Option.isSome then Some(Array.map Option.get vectors) else None

        match gradients with
        | Some vectors ->
            entries <- entries + Array.sumBy Array.length vectors
            choices.Add { Vectors = vectors }
        | None ->
            for struct (operand, _) in kink.Operands do
                exclude mark operand

    do interpreter.OnTerm <- fun mark value weight -> this.Term(mark, value, weight)

    member private _.Term(mark: int, value: Traced, weight: float) =
        tape.Sweep(value.Node, mark, weight, add)

        if tape.Kinks.Count > 0 then
            for struct (kink, weight) in active mark value.Node do
                harvest mark kink weight

    /// ∇ of what was run, over all declared variables in the model's order; complete after `Finish`.
    member _.Gradient = gradient
    /// Columns whose entry is not known
    member _.Excluded = excluded
    member _.Choices = choices

    /// Passes the weights of defined variables on to their bodies, last definition first.
    member _.Finish() =
        for number in definedWeights.Count - 1 .. -1 .. 0 do
            let weight = definedWeights[number]

            if weight <> 0.0 then
                definedWeights[number] <- 0.0
                interpreter.Repeat(number, weight)
