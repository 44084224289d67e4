namespace Optc.Compiler

open System
open System.Collections.Generic
open Optc.Parser
open Optc.Runtime.Problems

/// A term that has no cone, where it stands, and why.
exception ConeObstacle of span: Span * why: string

/// Terms as cones (disciplined convex programming: Grant, Boyd, Ye, 2006): each convex term is replaced by an affine form that is at least as large and,
/// where the row or objective wants the term small, equal to it at a solution. Table of the forms: docs/cones.md.
[<Sealed>]
type ConeRules(source: ConeSource, builder: ConeBuilder) =
    let one = ConeForm.Of 1.0

    let refuse (at: ConeInstance) why : 'a = raise (ConeObstacle(at.Span, why))

    /// Beyond this a stage value that is affine is kept, since many instances may ask for it.
    let stageForms = Dictionary<int, ConeForm option>()

    let isOperator (n: Node) (op: Op) = n.Kind = NodeKind.OperatorNode && n.Op = op
    let isNonnegative (struct (lo, _): Interval) = lo >= 0.0

    /// The row of the model that the present term belongs to; -1 for the objective
    member val Owner = -1 with get, set

    member private this.Cone(kind, what, forms) = builder.AddCone(kind, this.Owner, what, forms)
    member private this.Rotated(what, squares, u, v) = builder.AddRotated(this.Owner, what, squares, u, v)

    /// The affine form that a node is.
    member private this.Affine(at: ConeInstance, id: int) : ConeForm option =
        let form = ConeForm()
        if this.AddAffine(form, 1.0, at, id) then Some form else None

    member private this.AddAffine(form: ConeForm, factor: float, at: ConeInstance, id: int) : bool =
        match at.Constant id with
        | ValueSome value ->
            form.Constant <- form.Constant + factor * value
            true
        | ValueNone ->
            let n = at.Node id

            match n.Kind, n.Op with
            | NodeKind.SlotNode, _ ->
                match at.Slot n.Index with
                | ColumnSlot column ->
                    form.Add(column, factor)
                    true
                | StageSlot row ->
                    match this.StageForm row with
                    | Some stage ->
                        form.Add(factor, stage)
                        true
                    | None -> false
                | FixedSlot value ->
                    form.Constant <- form.Constant + factor * value
                    true
            | _, Op.Add -> this.AddAffine(form, factor, at, n.A) && this.AddAffine(form, factor, at, n.B)
            | _, Op.Sub -> this.AddAffine(form, factor, at, n.A) && this.AddAffine(form, -factor, at, n.B)
            | _, Op.Neg -> this.AddAffine(form, -factor, at, n.A)
            | _, Op.Mul ->
                match at.Constant n.A, at.Constant n.B with
                | ValueSome c, _ -> this.AddAffine(form, factor * c, at, n.B)
                | _, ValueSome c -> this.AddAffine(form, factor * c, at, n.A)
                | _ -> false
            | _, Op.Div ->
                match at.Constant n.B with
                | ValueSome c -> this.AddAffine(form, factor / c, at, n.A)
                | ValueNone -> false
            | _ -> false

    member private this.StageForm(row: int) : ConeForm option =
        match stageForms.TryGetValue row with
        | true, form -> form
        | _ ->
            let form = ConeForm()
            let found = if source.Stage row |> Seq.forall (fun at -> this.AddAffine(form, 1.0, at, at.Root)) then Some form else None
            stageForms[row] <- found
            found

    /// Adds to the sum what is at least factor · node.
    member this.Add(sum: ConeSum, factor: float, at: ConeInstance, id: int) : unit =
        match at.Constant id with
        | ValueSome value -> sum.Form.Constant <- sum.Form.Constant + factor * value
        | ValueNone when factor = 0.0 -> ()
        | ValueNone ->
            let n = at.Node id

            match n.Kind, n.Op with
            | NodeKind.SlotNode, _ ->
                match at.Slot n.Index with
                | StageSlot row ->
                    match this.StageForm row with
                    | Some form -> sum.Form.Add(factor, form)
                    | None ->
                        for part in source.Stage row do
                            this.Add(sum, factor, part, part.Root)
                | ColumnSlot column -> sum.Form.Add(column, factor)
                | FixedSlot value -> sum.Form.Constant <- sum.Form.Constant + factor * value
            | _, Op.Add ->
                this.Add(sum, factor, at, n.A)
                this.Add(sum, factor, at, n.B)
            | _, Op.Sub ->
                this.Add(sum, factor, at, n.A)
                this.Add(sum, -factor, at, n.B)
            | _, Op.Neg -> this.Add(sum, -factor, at, n.A)
            | _, Op.Mul when (at.Constant n.A).IsSome -> this.Add(sum, factor * (at.Constant n.A).Value, at, n.B)
            | _, Op.Mul when (at.Constant n.B).IsSome -> this.Add(sum, factor * (at.Constant n.B).Value, at, n.A)
            | _, Op.Div when (at.Constant n.B).IsSome -> this.Add(sum, factor / (at.Constant n.B).Value, at, n.A)
            | _ when sum.IsExact -> refuse at "it is not linear, and an equation or a range of it is not convex"
            | _, Op.Square -> this.Square(sum, factor, at, n.A)
            | _, Op.Mul -> this.Product(sum, factor, at, n)
            | _, Op.Div -> this.Quotient(sum, factor, at, n)
            | _, Op.Sqrt -> sum.Form.Add(abs factor, this.Root(factor, at, n.A))
            | _, Op.Exp when factor > 0.0 ->
                let t = builder.NewColumn 0.0
                this.Cone(ConeKind.Exponential, "exp", [| this.Above(at, n.A); one; t |])
                sum.Form.Add(factor, t)
            | _, (Op.Log | Op.Log10) ->
                let factor = if n.Op = Op.Log10 then factor / Math.Log 10.0 else factor
                if factor < 0.0 then
                    let t = builder.NewColumn -infinity
                    this.Cone(ConeKind.Exponential, "log", [| t; one; this.Below(at, n.A) |])
                    sum.Form.Add(factor, t)
                else
                    sum.Form.Add(factor, this.LogSumExp(at, n.A))
            | _, Op.Pow when (at.Constant n.B).IsSome -> this.Power(sum, factor, at, n.A, (at.Constant n.B).Value)
            | _, Op.Huber when factor > 0.0 && (at.Constant n.B).IsSome -> this.Huber(sum, factor, at, n.A, (at.Constant n.B).Value)
            | _, op ->
                let name = (string op).ToLowerInvariant()
                let wanted = if factor > 0.0 then "small" else "large"
                refuse at $"{name} has no cone where it is to be {wanted}"

    /// An affine form that is at least the node.
    member private this.Above(at: ConeInstance, id: int) : ConeForm = this.Bound(1.0, at, id)

    /// An affine form that is at most the node.
    member private this.Below(at: ConeInstance, id: int) : ConeForm = (this.Bound(-1.0, at, id)).Times(-1.0, 0.0)

    /// An affine form that is at least factor · node.
    member private this.Bound(factor, at: ConeInstance, id) : ConeForm =
        let sum = ConeSum false
        this.Add(sum, factor, at, id)
        this.Close(at, sum)

    member private this.Close(at: ConeInstance, sum: ConeSum) : ConeForm =
        match ConeQuadratics.close builder this.Owner sum with
        | Some form -> form
        | None -> refuse at "its quadratic part is not convex here"

    /// A form whose square is that of the node, or bounds it: the node itself when it is affine, a column above it when it is convex and not negative.
    member private this.SquareRoot(at: ConeInstance, id: int) : ConeForm =
        match this.Affine(at, id) with
        | Some form -> form
        | None when isNonnegative (at.Range id) -> this.Above(at, id)
        | None ->
            match at.Range id with
            | struct (_, hi) when hi <= 0.0 -> this.Bound(-1.0, at, id)
            | _ -> refuse at "the square of what is neither affine, nor convex and not negative, has no cone"

    member private this.Square(sum: ConeSum, factor, at: ConeInstance, id) =
        match this.Affine(at, id) with
        | Some form -> sum.Squares.Add(struct (factor, form))
        | None when factor > 0.0 -> sum.Squares.Add(struct (factor, this.SquareRoot(at, id)))
        | None -> refuse at "a square is to be large"

    /// ‖·‖ of a sum of squares or a convex quadratic form, wanted small; the root of a concave term, wanted large. Gives what is at least sign(factor) times the root.
    member private this.Root(factor, at: ConeInstance, id: int) : ConeForm =
        if factor > 0.0 then
            let sum = ConeSum false
            this.Add(sum, 1.0, at, id)
            let squares = ConeQuadratics.factors sum
            // What the factors leave must be a number.
            let isConstant = sum.Form.Terms |> Seq.forall (fun p -> abs p.Value <= 1e-12)

            match squares with
            | Some squares when isConstant && sum.Form.Constant >= -1e-12 ->
                let t = builder.NewColumn 0.0
                let rest = if sum.Form.Constant > 0.0 then [| ConeForm.Of(Math.Sqrt sum.Form.Constant) |] else [||]
                this.Cone(ConeKind.SecondOrder, "norm", Array.concat [ [| t |]; squares; rest ])
                t
            | _ -> refuse at "a root that is to be small must be that of a sum of squares"
        else
            let t = builder.NewColumn 0.0
            let n = at.Node id

            if isOperator n Op.Mul && (at.Constant n.A).IsNone && (at.Constant n.B).IsNone && isNonnegative (at.Range n.A) && isNonnegative (at.Range n.B) then
                this.Rotated("geometric mean", [ t ], this.Below(at, n.A), this.Below(at, n.B))
            else
                this.Rotated("sqrt", [ t ], this.Below(at, id), one)

            t.Times(-1.0, 0.0)

    /// ln Σ cₖ exp(eₖ) ≤ t as Σ wₖ ≤ 1 with exp(eₖ + ln cₖ − t) ≤ wₖ.
    member private this.LogSumExp(at: ConeInstance, id: int) : ConeForm =
        let terms = ResizeArray<ConeForm>()
        this.Exponents(terms, 1.0, at, id)

        if terms.Count = 1 then
            terms[0]
        else
            let t = builder.NewColumn -infinity
            let total = ConeForm()

            for exponent in terms do
                let w = builder.NewColumn 0.0
                exponent.Add(-1.0, t)
                this.Cone(ConeKind.Exponential, "logsumexp", [| exponent; one; w |])
                total.Add(1.0, w)

            builder.AddRow(total, -infinity, 1.0)
            t

    /// The exponents of a sum of exponentials with positive factors; constants are exponentials too.
    member private this.Exponents(terms: ResizeArray<ConeForm>, factor: float, at: ConeInstance, id: int) : unit =
        let exponent (f: ConeForm) =
            f.Constant <- f.Constant + Math.Log factor
            terms.Add f

        match at.Constant id with
        | ValueSome 0.0 -> ()
        | ValueSome value when factor * value > 0.0 -> terms.Add(ConeForm.Of(Math.Log(factor * value)))
        | ValueSome _ -> refuse at "the logarithm of a difference has no cone where it is to be small"
        | ValueNone ->
            let n = at.Node id

            match n.Kind, n.Op with
            | NodeKind.SlotNode, _ ->
                match at.Slot n.Index with
                | StageSlot row ->
                    for part in source.Stage row do
                        this.Exponents(terms, factor, part, part.Root)
                | _ -> refuse at "the logarithm of a variable is to be small"
            | _, Op.Add ->
                this.Exponents(terms, factor, at, n.A)
                this.Exponents(terms, factor, at, n.B)
            | _, Op.Mul when (at.Constant n.A).IsSome && (at.Constant n.A).Value > 0.0 -> this.Exponents(terms, factor * (at.Constant n.A).Value, at, n.B)
            | _, Op.Mul when (at.Constant n.B).IsSome && (at.Constant n.B).Value > 0.0 -> this.Exponents(terms, factor * (at.Constant n.B).Value, at, n.A)
            | _, Op.Div when (at.Constant n.B).IsSome && (at.Constant n.B).Value > 0.0 -> this.Exponents(terms, factor / (at.Constant n.B).Value, at, n.A)
            | _, Op.Mul when isOperator (at.Node n.A) Op.Exp && isOperator (at.Node n.B) Op.Exp ->
                let f = (this.Above(at, (at.Node n.A).A)).Times(1.0, 0.0)
                f.Add(1.0, this.Above(at, (at.Node n.B).A))
                exponent f
            | _, Op.Exp -> exponent ((this.Above(at, n.A)).Times(1.0, 0.0))
            | _ -> refuse at "a logarithm that is to be small must be that of a sum of exponentials"

    /// Numerator and divisor of a logarithm's argument; ln a − ln b counts as ln(a/b).
    member private this.LogRatio(at: ConeInstance, id: int) : struct (int * int) voption =
        let n = at.Node id
        let argument id = (at.Node id).A

        if isOperator n Op.Log then
            let a = at.Node n.A
            if isOperator a Op.Div && (at.Constant a.B).IsNone then ValueSome(struct (a.A, a.B)) else ValueSome(struct (n.A, -1))
        elif isOperator n Op.Sub && isOperator (at.Node n.A) Op.Log && isOperator (at.Node n.B) Op.Log then
            ValueSome(struct (argument n.A, argument n.B))
        else
            ValueNone

    /// factor · u ln(v/w): relative entropy where v = m u, and factor is positive, or w = m u and it is negative. t ≥ u ln(u/w) is w ≥ u exp(−t/u).
    /// The cone keeps u ≥ 0, which the model must do by itself: its logarithm alone has that domain, that of a ratio only where one of both has no other sign.
    member private this.Entropy(sum: ConeSum, factor, at: ConeInstance, u: int, logarithm: int) : bool =
        match this.Affine(at, u), this.LogRatio(at, logarithm) with
        | Some variable, ValueSome(struct (v, w)) ->
            let same, other, sign = if factor > 0.0 then v, w, 1.0 else w, v, -1.0

            match (if same < 0 then None else this.Affine(at, same)) with
            | Some form ->
                let isDomain =
                    other < 0 || isOperator (at.Node logarithm) Op.Sub || isNonnegative (at.Range u) || isNonnegative (at.Range other)

                match form.RatioTo variable with
                | ValueSome m when m > 0.0 && isDomain ->
                    let t = builder.NewColumn -infinity
                    let bound = if other < 0 then one else this.Below(at, other)
                    this.Cone(ConeKind.Exponential, "entropy", [| t.Times(-1.0, 0.0); variable; bound |])
                    // u ln(m u/w) = u ln(u/w) + u ln m, and the negative of u ln(v/(m u)).
                    let size = factor * sign
                    sum.Form.Add(size, t)
                    if m <> 1.0 then sum.Form.Add(size * Math.Log m, variable)
                    true
                | _ -> false
            | None -> false
        | _ -> false

    /// u exp(a/u) with u ≥ 0, wanted small.
    member private this.Perspective(sum: ConeSum, factor, at: ConeInstance, u: int, exponential: int) : bool =
        let e = at.Node exponential
        let isRatio = factor > 0.0 && isOperator e Op.Exp && isOperator (at.Node e.A) Op.Div

        if not isRatio then
            false
        else
            let ratio = at.Node e.A

            match this.Affine(at, u), this.Affine(at, ratio.A), this.Affine(at, ratio.B) with
            | Some variable, Some a, Some divisor ->
                match divisor.RatioTo variable with
                | ValueSome m when m > 0.0 && isNonnegative (at.Range u) ->
                    // u exp(a/(m u)) = (u) exp((a/m)/u).
                    let t = builder.NewColumn 0.0
                    this.Cone(ConeKind.Exponential, "perspective of exp", [| a.Times(1.0 / m, 0.0); variable; t |])
                    sum.Form.Add(factor, t)
                    true
                | _ -> false
            | _ -> false

    member private this.Product(sum: ConeSum, factor, at: ConeInstance, n: Node) =
        let isDone =
            this.Entropy(sum, factor, at, n.A, n.B)
            || this.Entropy(sum, factor, at, n.B, n.A)
            || this.Perspective(sum, factor, at, n.A, n.B)
            || this.Perspective(sum, factor, at, n.B, n.A)

        if not isDone then
            /// The power of the other factor that a factor is, as powers are written by the compiler: x·x² and x·√x.
            let powerOf other id =
                let f = at.Node id

                if f.Kind <> NodeKind.OperatorNode || f.A <> other then ValueNone
                elif f.Op = Op.Square then ValueSome 3.0
                elif f.Op = Op.Sqrt then ValueSome 1.5
                else ValueNone

            match this.Affine(at, n.A), this.Affine(at, n.B) with
            | Some a, Some b -> sum.Products.Add(struct (factor, a, b))
            | _ when (powerOf n.A n.B).IsSome -> this.Power(sum, factor, at, n.A, (powerOf n.A n.B).Value)
            | _ when (powerOf n.B n.A).IsSome -> this.Power(sum, factor, at, n.B, (powerOf n.B n.A).Value)
            | _ when factor > 0.0 && isOperator (at.Node n.A) Op.Exp && isOperator (at.Node n.B) Op.Exp ->
                let exponent = (this.Above(at, (at.Node n.A).A)).Times(1.0, 0.0)
                exponent.Add(1.0, this.Above(at, (at.Node n.B).A))
                let t = builder.NewColumn 0.0
                this.Cone(ConeKind.Exponential, "exp", [| exponent; one; t |])
                sum.Form.Add(factor, t)
            | _ -> refuse at "a product of terms with variables has no cone unless it is a quadratic form, or an entropy u·log(u/w) or u·exp(a/u) with u bounded below by 0"

    member private this.Quotient(sum: ConeSum, factor, at: ConeInstance, n: Node) =
        match at.Constant n.A with
        | ValueSome c when isOperator (at.Node n.B) Op.Square -> this.Power(sum, factor * c, at, (at.Node n.B).A, -2.0)
        | _ -> this.OverLinear(sum, factor, at, n)

    /// c/v and ‖f‖²/v with v concave and not negative, wanted small.
    member private this.OverLinear(sum: ConeSum, factor, at: ConeInstance, n: Node) =
        let sign, struct (lo, _) = sign factor, at.Range n.B

        if not (lo >= 0.0) then
            refuse at "a divisor with variables must have a lower bound of at least 0"

        let squares =
            match at.Constant n.A with
            | ValueSome c when float sign * c > 0.0 -> [| ConeForm.Of(Math.Sqrt(abs c)) |]
            | ValueSome _ -> refuse at "a quotient that is to be large, or has a negative numerator, has no cone"
            | ValueNone ->
                let numerator = ConeSum false
                this.Add(numerator, 1.0, at, n.A)

                match ConeQuadratics.factors numerator with
                | Some squares when sign > 0 && numerator.Form.Terms.Values |> Seq.forall (fun v -> v = 0.0) && numerator.Form.Constant >= 0.0 ->
                    if numerator.Form.Constant > 0.0 then
                        Array.append squares [| ConeForm.Of(Math.Sqrt numerator.Form.Constant) |]
                    else
                        squares
                | _ -> refuse at "a quotient has a cone where its numerator is a number or a sum of squares, and it is to be small"

        let t = builder.NewColumn 0.0
        this.Rotated("quadratic over linear", squares, t, this.Below(at, n.B))
        sum.Form.Add(abs factor, t)

    /// xᵖ by second-order cones, for the exponents in the table; x ≥ 0 where p is not an even number.
    member private this.Power(sum: ConeSum, factor, at: ConeInstance, id, p: float) =
        let column () = builder.NewColumn 0.0
        let rotated squares u v = this.Rotated($"power {p}", [ squares ], u, v)

        let above (t: ConeForm) = sum.Form.Add(factor, t)
        let nonnegative = isNonnegative (at.Range id)

        match p with
        | 0.5 -> sum.Form.Add(abs factor, this.Root(factor, at, id))
        | 1.0 -> this.Add(sum, factor, at, id)
        | 2.0 -> this.Square(sum, factor, at, id)
        | 4.0 when factor > 0.0 ->
            let u, t = column (), column ()
            rotated (this.SquareRoot(at, id)) u one
            rotated u t one
            above t
        | 3.0 when factor > 0.0 && nonnegative ->
            // x² ≤ u, u² ≤ t x.
            let x, u, t = this.SquareRoot(at, id), column (), column ()
            rotated x u one
            rotated u t x
            above t
        | 1.5 when factor > 0.0 && nonnegative ->
            // s² ≤ x, x² ≤ t s.
            let x, s, t = this.SquareRoot(at, id), column (), column ()
            rotated s x one
            rotated x t s
            above t
        | -1.0 when factor > 0.0 && nonnegative ->
            let t = column ()
            rotated one t (this.Below(at, id))
            above t
        | -2.0 when factor > 0.0 && nonnegative ->
            let u, t = column (), column ()
            rotated one u (this.Below(at, id))
            rotated u t one
            above t
        | -0.5 when factor > 0.0 && nonnegative ->
            let s, t = column (), column ()
            rotated s (this.Below(at, id)) one
            rotated one t s
            above t
        | _ -> refuse at $"the power {p} has no cone here; 1/2, 2 and 4, and 3, 3/2, -1/2, -1, -2 of what has a lower bound of at least 0, have one"

    /// The least of ½r² + δ|x − r| over r.
    member private this.Huber(sum: ConeSum, factor, at: ConeInstance, id, threshold: float) =
        match this.Affine(at, id) with
        | Some x when threshold > 0.0 ->
            let r, v = builder.NewColumn -infinity, builder.NewColumn 0.0

            for side in [ 1.0; -1.0 ] do
                let row = v.Times(1.0, 0.0)
                row.Add(-side, x)
                row.Add(side, r)
                builder.AddRow(row, 0.0, infinity)

            sum.Squares.Add(struct (0.5 * factor, r))
            sum.Form.Add(factor * threshold, v)
        | _ -> refuse at "the Huber function of what is not affine, or with a threshold that is not positive, has no cone"
