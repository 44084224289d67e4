namespace Optc.Compiler

open System
open System.Collections.Generic

/// An affine form with squares and products of affine forms beside it: Σ w f² + Σ w f g + form.
[<Sealed>]
type ConeSum(isExact: bool) =
    member val Form = ConeForm() with get
    member val Squares = ResizeArray<struct (float * ConeForm)>() with get
    member val Products = ResizeArray<struct (float * ConeForm * ConeForm)>() with get
    /// Only what is affine may be added: the row is an equation
    member _.IsExact = isExact
    member this.IsAffine = this.Squares.Count = 0 && this.Products.Count = 0

module ConeQuadratics =
    /// Columns of a quadratic constraint beyond which its dense factor is not tried.
    let private orderLimit = 2000

    /// Squares of forms with more entries than this get a column of their own in the objective: their matrix would be dense.
    let private directEntries = 8

    /// Adds the squares and products of a sum to the objective.
    let intoObjective (builder: ConeBuilder) (sum: ConeSum) : unit =
        let product w (f: ConeForm) (g: ConeForm) =
            for a in f.Terms do
                for b in g.Terms do
                    builder.AddProduct(a.Key, b.Key, w * a.Value * b.Value)

            builder.Objective.Add(w * g.Constant, f.Times(1.0, -f.Constant))
            builder.Objective.Add(w * f.Constant, g.Times(1.0, -g.Constant))
            builder.Objective.Constant <- builder.Objective.Constant + w * f.Constant * g.Constant

        for struct (w, f) in sum.Squares do
            if f.Terms.Count <= directEntries then
                product w f f
            else
                let residual = builder.NewColumn -infinity
                let row = f.Times(1.0, 0.0)
                row.Add(-1.0, residual)
                builder.AddRow(row, 0.0, 0.0)
                product w residual residual

        for struct (w, f, g) in sum.Products do
            product w f g

        builder.Objective.Add(1.0, sum.Form)

    /// F with Σ w f² + Σ w f g = ‖F(x)‖² + an affine form, which is added to the sum's; None when the matrix is not positive semidefinite. By Cholesky's
    /// method with diagonal pivots.
    let factors (sum: ConeSum) : ConeForm[] option =
        if sum.Products.Count = 0 && sum.Squares.TrueForAll(fun struct (w, _) -> w > 0.0) then
            Some [| for struct (w, f) in sum.Squares -> f.Times(Math.Sqrt w, 0.0) |]
        else
            let columns =
                seq {
                    for struct (_, f) in sum.Squares do
                        yield! f.Terms.Keys

                    for struct (_, f, g) in sum.Products do
                        yield! f.Terms.Keys
                        yield! g.Terms.Keys
                }
                |> Seq.distinct
                |> Seq.sort
                |> Seq.toArray

            let n = columns.Length

            if n > orderLimit then
                None
            else
                let place = Dictionary<int, int>()
                columns |> Array.iteri (fun k c -> place[c] <- k)
                let q: float[,] = Array2D.zeroCreate n n
                let size: float[,] = Array2D.zeroCreate n n

                let add w (f: ConeForm) (g: ConeForm) =
                    for a in f.Terms do
                        for b in g.Terms do
                            let i, j = place[a.Key], place[b.Key]
                            let v = 0.5 * w * a.Value * b.Value
                            q[i, j] <- q[i, j] + v
                            q[j, i] <- q[j, i] + v
                            size[i, j] <- size[i, j] + abs v
                            size[j, i] <- size[j, i] + abs v

                    sum.Form.Add(w * g.Constant, f.Times(1.0, -f.Constant))
                    sum.Form.Add(w * f.Constant, g.Times(1.0, -g.Constant))
                    sum.Form.Constant <- sum.Form.Constant + w * f.Constant * g.Constant

                for struct (w, f) in sum.Squares do
                    add w f f

                for struct (w, f, g) in sum.Products do
                    add w f g

                // What cancels leaves rounding.
                for i in 0 .. n - 1 do
                    for j in 0 .. n - 1 do
                        if abs q[i, j] <= 1e-14 * size[i, j] then q[i, j] <- 0.0

                // To a unit diagonal, so that the sizes of the columns' units do not decide what counts as zero.
                let root = Array.init n (fun i -> Math.Sqrt q[i, i])
                let used = Array.init n (fun i -> q[i, i] = 0.0)
                let mutable isDefinite = not (Array.exists Double.IsNaN root)

                for i in 0 .. n - 1 do
                    for j in 0 .. n - 1 do
                        if not used[i] && not used[j] then q[i, j] <- q[i, j] / (root[i] * root[j])
                        // A matrix with a zero on the diagonal and other entries beside it is not semidefinite.
                        elif q[i, j] <> 0.0 then isDefinite <- false

                let found = ResizeArray<ConeForm>()
                let mutable isDone = not isDefinite

                while not isDone do
                    let mutable pivot = -1

                    for i in 0 .. n - 1 do
                        if not used[i] && (pivot < 0 || q[i, i] > q[pivot, pivot]) then pivot <- i

                    if pivot < 0 || q[pivot, pivot] <= 1e-13 then
                        for i in 0 .. n - 1 do
                            for j in 0 .. n - 1 do
                                if not used[i] && not used[j] && abs q[i, j] > 1e-12 then isDefinite <- false

                        isDone <- true
                    else
                        used[pivot] <- true
                        let diagonal = Math.Sqrt q[pivot, pivot]
                        let form = ConeForm()
                        form.Add(columns[pivot], diagonal * root[pivot])
                        let row = Array.init n (fun j -> if used[j] then 0.0 else q[pivot, j] / diagonal)

                        for j in 0 .. n - 1 do
                            if row[j] <> 0.0 then form.Add(columns[j], row[j] * root[j])

                        for i in 0 .. n - 1 do
                            if row[i] <> 0.0 then
                                for j in 0 .. n - 1 do
                                    q[i, j] <- q[i, j] - row[i] * row[j]

                        found.Add form

                if isDefinite then Some(found.ToArray()) else None

    /// The sum as an affine form that is at least as large: its squares are bounded by a column through a rotated cone. None when they are not convex.
    let close (builder: ConeBuilder) (owner: int) (sum: ConeSum) : ConeForm option =
        if sum.IsAffine then
            Some sum.Form
        else
            match factors sum with
            | None -> None
            | Some squares ->
                if squares.Length > 0 then
                    let t = builder.NewColumn 0.0
                    builder.AddRotated(owner, "quadratic", squares, t, ConeForm.Of 1.0)
                    sum.Form.Add(1.0, t)

                Some sum.Form
