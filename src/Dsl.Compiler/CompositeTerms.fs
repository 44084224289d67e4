namespace Optc.Compiler

open Optc.Parser
open Optc.Runtime.Solvers.BlockCoordinate
open Optc.Runtime.Solvers.CoordinateDescent
open CompositePatterns
open CompositeRefusal

/// Runs the terms of an objective over their indexings once: losses of linear forms become rows, penalties of single variables and
/// norms of groups are added up. Whatever does not fit is refused at the term that stands in the way.
[<Sealed>]
type internal CompositeTerms(model: Model, evaluator: Evaluator, analysis: Analysis, limits: SeparablePenalty) =
    let count = limits.L1.Length
    let walk = LinearWalk(evaluator, analysis)
    let affine = AffineWalk(model, evaluator, analysis, walk, count)
    let form = affine.Form
    let rows = CompositeRows count
    // Of the part of the objective that is being run
    let mutable penalty = SeparablePenalty count
    let mutable constant = 0.0
    let groups = ResizeArray<PenaltyGroup>()
    let isGrouped: bool[] = Array.zeroCreate count
    let mutable hasNorm = false
    let mutable loss: (Loss * Span) voption = ValueNone

    let nameOf position = ModelNames.quoted model position

    /// All rows belong to one loss.
    let uses (e: Expr) (wanted: Loss) =
        match loss with
        | ValueNone -> loss <- ValueSome(wanted, e.Span)
        | ValueSome(known, _) when known.Name <> wanted.Name ->
            refuse e $"this is a {wanted.Name} loss beside a {known.Name} one, and cd takes one kind" remedy
        | ValueSome((:? HuberLoss as known), _) when known.Delta <> (wanted :?> HuberLoss).Delta ->
            refuse e "the widths of the Huber terms differ" "use one width for all terms"
        | _ -> ()

    let positive (e: Expr) (factor: float) =
        if not (factor >= 0.0) then
            refuse e $"it enters with the factor {factor}, so that the objective is not convex in it" "cd takes convex losses and penalties only"

    /// Runs the form of an argument, then what is done with it.
    let onForm scope (e: Expr) (argument: Expr) (action: float -> unit) : Run =
        let collect = affine.Collect(scope, e, argument)

        fun frame m ->
            collect frame
            action m

    let linear scope (e: Expr) =
        onForm scope e e (fun m ->
            constant <- constant + m * form.Constant

            for k in 0 .. form.Count - 1 do
                let j = form.Position k
                penalty.Linear[j] <- penalty.Linear[j] + m * form.Value k)

    let square scope (e: Expr) (argument: Expr) =
        onForm scope e argument (fun m ->
            if form.Count = 0 then
                constant <- constant + m * form.Constant * form.Constant
            elif form.Count = 1 && form.Constant = 0.0 then
                positive e m
                let j = form.Position 0
                penalty.L2[j] <- penalty.L2[j] + 2.0 * m * form.Value 0 * form.Value 0
            else
                positive e m
                uses e (LeastSquaresLoss())
                rows.Add(form, 1.0, -form.Constant, 0.0, 2.0 * m))

    let absolute scope (e: Expr) (argument: Expr) =
        onForm scope e argument (fun m ->
            if form.Count = 0 then
                constant <- constant + m * abs form.Constant
            elif form.Count = 1 && form.Constant = 0.0 then
                positive e m
                let j = form.Position 0
                penalty.L1[j] <- penalty.L1[j] + m * abs (form.Value 0)
            elif form.Count = 1 then
                refuse e $"its kink is not at {nameOf (form.Position 0)} = 0" "shift the variable so that the kink is at zero"
            else
                refuse
                    e
                    $"it couples {nameOf (form.Position 0)} and {nameOf (form.Position 1)}, where a penalty must be separable"
                    "leave the solver to optc, or name auglag")

    /// norm2 of multiples of variables by one factor, each without bounds and in no other norm.
    let grouped scope (e: Expr) (parts: (Scope -> Expr -> Run) -> Run) : Run =
        let members = ResizeArray<int>()
        let mutable size = 0.0

        let one inner body =
            onForm inner e body (fun _ ->
                if form.Count > 1 || form.Constant <> 0.0 then
                    refuse body "cd takes norms of multiples of single variables only" remedy
                elif form.Count = 1 then
                    let j, factor = form.Position 0, abs (form.Value 0)

                    if members.Count > 0 && factor <> size then
                        refuse body $"the factors in the norm differ: {size} and {factor}" "use one factor for the whole norm"

                    if isGrouped[j] then
                        refuse body $"{nameOf j} is in two norms" "cd takes norms of groups that do not overlap; leave the solver to optc, or name auglag"

                    if limits.Lower[j] > -infinity || limits.Upper[j] < infinity then
                        refuse body $"{nameOf j} is in a norm and has bounds or is fixed" remedy

                    isGrouped[j] <- true
                    size <- factor
                    members.Add j)

        let run = parts one

        fun frame m ->
            hasNorm <- true
            positive e m
            members.Clear()
            run frame m

            if members.Count = 1 then
                penalty.L1[members[0]] <- penalty.L1[members[0]] + m * size
            elif members.Count > 1 then
                groups.Add(PenaltyGroup(members.ToArray(), m * size))

    let rowOf scope (e: Expr) (argument: Expr) (wanted: Frame -> Loss) (add: float -> unit) =
        let collect = affine.Collect(scope, e, argument)

        fun (frame: Frame) m ->
            positive e m
            collect frame
            uses e (wanted frame)
            add m

    /// log(1 + exp(t)) and exp(t): losses with the label 0.
    let withoutLabel scope e argument (wanted: Loss) =
        rowOf scope e argument (fun _ -> wanted) (fun m -> rows.Add(form, 1.0, 0.0, form.Constant, m))

    /// log(1 + exp(t)) − y t and exp(t) − y t: losses with the label y.
    let labelled scope e argument label (wanted: Loss) =
        let label = evaluator.Number(scope, label)
        let value = ref 0.0

        let lossAt frame =
            value.Value <- label frame
            wanted

        rowOf scope e argument lossAt (fun m -> rows.Add(form, 1.0, value.Value, form.Constant, m))

    let huber scope e argument width =
        let width = evaluator.Number(scope, width)

        let wanted frame =
            let delta = width frame

            if not (delta > 0.0) then
                refuse e $"its width is {delta}" "the width of a Huber term is positive"

            HuberLoss delta :> Loss

        rowOf scope e argument wanted (fun m -> rows.Add(form, 1.0, -form.Constant, 0.0, m))

    /// max(0, t)² = 2 · ½ max(0, 1 − z)² with z = 1 − t and label 1.
    let squaredHinge scope e argument =
        let wanted = SquaredHingeLoss() :> Loss
        rowOf scope e argument (fun _ -> wanted) (fun m -> rows.Add(form, -1.0, 1.0, 1.0 - form.Constant, 2.0 * m))

    let affineOrRefuse (e: Expr) (argument: Expr) =
        if not (analysis.IsAffine argument) then
            refuse e "its argument is not linear in the variables" remedy

    let rec term (scope: Scope) (e: Expr) : Run =
        if analysis.IsData e then
            let value = evaluator.Number(scope, e)
            fun frame m -> constant <- constant + m * value frame
        else
            match e.Kind with
            | ExprKind.Binary(Subtract, a, b) when
                (match exponential a with
                 | Some(t, _) -> analysis.IsAffine t && (multiple analysis b t).IsSome
                 | None -> false)
                ->
                let t, wanted = (exponential a).Value
                labelled scope e t (multiple analysis b t).Value wanted
            | _ ->
                match walk.TryArithmetic(scope, e, term) with
                | ValueSome run -> run
                | ValueNone -> atom scope e

    /// A term that is no sum of two, multiple or quotient.
    and atom scope e : Run =
        let squared argument =
            match positivePart argument with
            | Some t when analysis.IsAffine t -> squaredHinge scope e t
            | _ ->
                affineOrRefuse e argument
                square scope e argument

        match e.Kind with
        | ExprKind.Binary(Multiply, a, b) when a = b -> squared a
        | ExprKind.Binary(Power, a, two) when isNumber 2.0 two -> squared a
        | _ when analysis.IsAffine e && not (analysis.HasReduction e) -> linear scope e
        | Iterated(IteratedOp.Sum, indexing, body) -> walk.Sum(scope, indexing, body, term)
        | Iterated(Norm1, indexing, body) when analysis.IsAffine body ->
            walk.Sum(scope, indexing, body, (fun inner body -> absolute inner body body))
        | Iterated(Norm2, indexing, body) when analysis.IsAffine body -> grouped scope e (fun one -> walk.Sum(scope, indexing, body, one))
        | Call("norm2", arguments) when List.forall analysis.IsAffine arguments ->
            grouped scope e (fun one ->
                let runs = arguments |> List.map (one scope)
                fun frame m -> runs |> List.iter (fun run -> run frame m))
        | Call("norm1", arguments) when List.forall analysis.IsAffine arguments ->
            let runs = arguments |> List.map (fun a -> absolute scope a a)
            fun frame m -> runs |> List.iter (fun run -> run frame m)
        | Conditional(c, a, b) when analysis.IsData c -> walk.Choice(scope, c, a, b, term)
        | Reference(name, subscripts) ->
            match model.TryFind name with
            | Some(:? DefinedVarEntity as d) -> walk.Inside(scope, d, subscripts, e, term)
            | _ -> linear scope e
        | Call("abs", [ a ]) ->
            affineOrRefuse e a
            absolute scope e a
        | Call("huber", [ a; width ]) when analysis.IsData width ->
            affineOrRefuse e a
            huber scope e a width
        | _ when (exponential e).IsSome ->
            let t, wanted = (exponential e).Value
            affineOrRefuse e t
            withoutLabel scope e t wanted
        | _ ->
            refuse
                e
                "it is neither a loss of a linear form (square, log(1 + exp), huber, exp, square of a positive part) nor a penalty (abs, square, linear, norm2 of a group)"
                remedy

    /// Runs a part of the objective times a number. Rows and groups are added to those of the parts before it.
    member _.Run(scope: Scope, e: Expr, frame: Frame, factor: float) =
        penalty <- SeparablePenalty count
        constant <- 0.0
        hasNorm <- false
        term scope e frame factor

    /// What the last part gave besides rows and groups
    member _.Penalty = penalty
    member _.Constant = constant
    /// Whether the last part held a norm2
    member _.HasNorm = hasNorm
    member _.Rows = rows
    /// Least squares when no term had a loss
    member _.Loss = match loss with ValueSome(loss, _) -> loss | ValueNone -> LeastSquaresLoss()
    member _.Groups = groups
    member _.IsGrouped(position: int) = isGrouped[position]
