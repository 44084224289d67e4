namespace Optc.Compiler

open System
open Optc.Parser
open Optc.Runtime.Solvers.BlockCoordinate
open Optc.Runtime.Solvers.CoordinateDescent

/// A model as coordinate descent takes it.
type CompositeModel =
    {
        Problem: CompositeProblem
        /// Groups of coordinates with penalties of their Euclidean norms; without them the problem is as it stands
        Groups: PenaltyGroup list
        /// The declared variables' current values, fixed ones at theirs
        Start: float[]
        /// -1 for a maximised objective, whose negative the problem is
        Sense: float
        Objective: ObjectiveEntity * int
        /// Lines for people: the parts that were found
        Description: string list
    }

/// What a build leaves for the next.
type internal KeptRows =
    {
        Origin: ObjectiveEntity * int
        /// The parts of the objective that gave rows, by their places
        RowParts: Set<int>
        /// What these parts read, and the model's stamp when they did
        Reads: Entity[]
        Stamp: int64
        /// What these parts gave besides
        Fixed: SeparablePenalty
        FixedConstant: float
        FixedGroups: PenaltyGroup[]
        Kept: CompositeProblem
        RowsText: string list
    }

/// When nothing has changed that the loss reads, as along a path, its matrix stays, with what a solver knows of it, and only the rest
/// of the objective is run again.
[<Sealed>]
type CompositeMemory() =
    member val internal Rows: KeptRows voption = ValueNone with get, set
    /// Whether a family has a constraint that was not dropped
    static member internal IsLive(c: ConstraintEntity) = c.Domain.Count > 0 && (c.Dropped.Length = 0 || Array.exists not c.Dropped)
    /// The solver of the problem, and the options it was made with
    member val internal Solver: (CompositeSolver * CompositeOptions) voption = ValueNone with get, set

/// Splits an objective into a loss of linear forms, a separable penalty and bounds. The terms are run over their indexings once,
/// straight from the parameters' tables into the matrix: nothing is unrolled as an expression. Whatever does not fit is refused at
/// the term that stands in the way.
[<Sealed>]
type internal CompositeSplit(model: Model, evaluator: Evaluator, memory: CompositeMemory) =
    let analysis = Analysis model
    let count = model.LayoutVariables()
    let form = AffineForm count
    let rows = CompositeRows count
    // Of the part of the objective that is being run
    let mutable penalty = SeparablePenalty count
    // Bounds and fixed values
    let limits = SeparablePenalty count
    let groups = ResizeArray<PenaltyGroup>()
    let isGrouped: bool[] = Array.zeroCreate count
    let mutable constant = 0.0
    let mutable loss: (Loss * Span) voption = ValueNone

    let remedy = "leave the solver to optc, or name auglag"

    let nameOf position =
        let v, k = ModelNames.declared model position
        v.QuotedName k

    let refuse (e: Expr) why hint : 'a =
        Errors.failWithHint "composite" e.Span $"cd cannot take `{SourceText.ofExpression e}`: {why}" hint

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

    let finite (e: Expr) =
        let check what value =
            if not (Double.IsFinite value) then
                Errors.failWithHint "data" e.Span $"cd cannot take `{SourceText.ofExpression e}`: {what} is {value}" "check the data of this term"

        check "its constant" form.Constant

        for k in 0 .. form.Count - 1 do
            if not (Double.IsFinite(form.Value k)) then
                check $"the coefficient of {nameOf (form.Position k)}" (form.Value k)

    /// Adds the expression times a number to the form.
    let rec affine (scope: Scope) (e: Expr) : Frame -> float -> unit =
        if analysis.IsData e then
            let value = evaluator.Number(scope, e)
            fun frame m -> form.Constant <- form.Constant + m * value frame
        else
            match e.Kind with
            | Reference(name, subscripts) ->
                match model.TryFind name with
                | Some(:? VarEntity as v) ->
                    let position = evaluator.Position(scope, v, subscripts, e.Span)
                    fun frame m -> form.Add(v.Offset + position frame, m)
                | Some(:? DefinedVarEntity as d) -> inside scope d subscripts e affine
                | _ -> refuse e "it is no variable" remedy
            | Unary(Plus, a) -> affine scope a
            | Unary(Negate, a) ->
                let a = affine scope a
                fun frame m -> a frame -m
            | ExprKind.Binary(Add, a, b) ->
                let a, b = affine scope a, affine scope b

                fun frame m ->
                    a frame m
                    b frame m
            | ExprKind.Binary(Subtract, a, b) ->
                let a, b = affine scope a, affine scope b

                fun frame m ->
                    a frame m
                    b frame -m
            | ExprKind.Binary(Multiply, a, b) when analysis.IsData a -> scaled scope a b affine
            | ExprKind.Binary(Multiply, a, b) when analysis.IsData b -> scaled scope b a affine
            | ExprKind.Binary(Divide, a, b) when analysis.IsData b -> divided scope a b affine
            | Iterated(IteratedOp.Sum, indexing, body) -> summed scope indexing body affine
            | Conditional(c, a, b) when analysis.IsData c -> chosen scope c a b affine
            | _ -> refuse e "it is not linear in the variables" remedy

    and scaled scope factor e (walk: Scope -> Expr -> Frame -> float -> unit) =
        let factor = evaluator.Number(scope, factor)
        let e = walk scope e

        fun (frame: Frame) (m: float) ->
            let f = factor frame

            if f <> 0.0 then
                e frame (m * f)

    and divided scope e divisor (walk: Scope -> Expr -> Frame -> float -> unit) =
        let divisor = evaluator.Number(scope, divisor)
        let e = walk scope e
        fun (frame: Frame) (m: float) -> e frame (m / divisor frame)

    and summed scope indexing body (walk: Scope -> Expr -> Frame -> float -> unit) =
        let inner, plan = evaluator.Indexing(scope, indexing)
        let body = walk inner body
        fun (frame: Frame) (m: float) -> plan.Enumerate(frame, (fun () -> body frame m))

    and chosen scope condition whenTrue whenFalse (walk: Scope -> Expr -> Frame -> float -> unit) =
        let condition = evaluator.Logic(scope, condition)
        let whenTrue = walk scope whenTrue
        let whenFalse = whenFalse |> Option.map (walk scope)

        fun (frame: Frame) (m: float) ->
            if condition frame then
                whenTrue frame m
            else
                match whenFalse with
                | Some e -> e frame m
                | None -> ()

    /// The body of a defined variable, with a frame of its own.
    and inside scope (d: DefinedVarEntity) subscripts (e: Expr) (walk: Scope -> Expr -> Frame -> float -> unit) =
        if analysis.IsRecursive d then
            refuse e "it is defined by itself" remedy

        let position = evaluator.Position(scope, d, subscripts, e.Span)
        let body = walk d.Scope d.Body
        let own = Scope.NewFrame()

        fun (frame: Frame) (m: float) ->
            if d.Arity > 0 then
                d.Domain.CopyTo(position frame, own, 0)

            body own m

    /// Runs the form of an argument, then what is done with it.
    let onForm scope (e: Expr) (argument: Expr) (action: float -> unit) : Frame -> float -> unit =
        let collect = affine scope argument

        fun frame m ->
            form.Reset()
            collect frame 1.0
            finite e
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
    let grouped scope (e: Expr) (parts: (Scope -> Expr -> Frame -> float -> unit) -> Frame -> float -> unit) : Frame -> float -> unit =
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
            positive e m
            members.Clear()
            run frame m

            if members.Count = 1 then
                penalty.L1[members[0]] <- penalty.L1[members[0]] + m * size
            elif members.Count > 1 then
                groups.Add(PenaltyGroup(members.ToArray(), m * size))

    let rowOf scope (e: Expr) (argument: Expr) (wanted: Frame -> Loss) (add: float -> unit) =
        let collect = affine scope argument

        fun (frame: Frame) m ->
            positive e m
            form.Reset()
            collect frame 1.0
            finite e
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

    let isNumber value (e: Expr) =
        match e.Kind with
        | Number x -> x = value
        | _ -> false

    /// t of max(0, t), max(t, 0) and pos(t)
    let positivePart (e: Expr) =
        match e.Kind with
        | Call("pos", [ t ]) -> Some t
        | Call("max", [ zero; t ]) when isNumber 0.0 zero -> Some t
        | Call("max", [ t; zero ]) when isNumber 0.0 zero -> Some t
        | ExprKind.Binary(Less, a, b) -> Some { e with Kind = ExprKind.Binary(Subtract, a, b) }
        | _ -> None

    /// t of log(1 + exp(t)) or exp(t), and the loss
    let exponential (e: Expr) : (Expr * Loss) option =
        match e.Kind with
        | Call("exp", [ t ]) -> Some(t, PoissonLoss())
        | Call("log", [ { Kind = ExprKind.Binary(Add, one, { Kind = Call("exp", [ t ]) }) } ])
        | Call("log", [ { Kind = ExprKind.Binary(Add, { Kind = Call("exp", [ t ]) }, one) } ]) when isNumber 1.0 one -> Some(t, LogisticLoss())
        | _ -> None

    /// t of y t, and y
    let multiple (e: Expr) (t: Expr) : Expr option =
        match e.Kind with
        | ExprKind.Binary(Multiply, y, other) when other = t && analysis.IsData y -> Some y
        | ExprKind.Binary(Multiply, other, y) when other = t && analysis.IsData y -> Some y
        | _ -> None

    let affineOrRefuse (e: Expr) (argument: Expr) =
        if not (analysis.IsAffine argument) then
            refuse e "its argument is not linear in the variables" remedy

    let rec term (scope: Scope) (e: Expr) : Frame -> float -> unit =
        let squared argument =
            match positivePart argument with
            | Some t when analysis.IsAffine t -> squaredHinge scope e t
            | _ ->
                affineOrRefuse e argument
                square scope e argument

        if analysis.IsData e then
            let value = evaluator.Number(scope, e)
            fun frame m -> constant <- constant + m * value frame
        else
            match e.Kind with
            | Unary(Plus, a) -> term scope a
            | Unary(Negate, a) ->
                let a = term scope a
                fun frame m -> a frame -m
            | ExprKind.Binary(Add, a, b) ->
                let a, b = term scope a, term scope b

                fun frame m ->
                    a frame m
                    b frame m
            | ExprKind.Binary(Subtract, a, b) when
                (match exponential a with
                 | Some(t, _) -> analysis.IsAffine t && (multiple b t).IsSome
                 | None -> false)
                ->
                let t, wanted = (exponential a).Value
                labelled scope e t (multiple b t).Value wanted
            | ExprKind.Binary(Subtract, a, b) ->
                let a, b = term scope a, term scope b

                fun frame m ->
                    a frame m
                    b frame -m
            | ExprKind.Binary(Multiply, a, b) when analysis.IsData a -> scaled scope a b term
            | ExprKind.Binary(Multiply, a, b) when analysis.IsData b -> scaled scope b a term
            | ExprKind.Binary(Multiply, a, b) when a = b -> squared a
            | ExprKind.Binary(Divide, a, b) when analysis.IsData b -> divided scope a b term
            | ExprKind.Binary(Power, a, two) when isNumber 2.0 two -> squared a
            | _ when analysis.IsAffine e && not (analysis.HasReduction e) -> linear scope e
            | Iterated(IteratedOp.Sum, indexing, body) -> summed scope indexing body term
            | Iterated(Norm1, indexing, body) when analysis.IsAffine body ->
                summed scope indexing body (fun inner body -> absolute inner body body)
            | Iterated(Norm2, indexing, body) when analysis.IsAffine body -> grouped scope e (summed scope indexing body)
            | Call("norm2", arguments) when List.forall analysis.IsAffine arguments ->
                grouped scope e (fun one ->
                    let runs = arguments |> List.map (one scope)
                    fun frame m -> runs |> List.iter (fun run -> run frame m))
            | Call("norm1", arguments) when List.forall analysis.IsAffine arguments ->
                let runs = arguments |> List.map (fun a -> absolute scope a a)
                fun frame m -> runs |> List.iter (fun run -> run frame m)
            | Conditional(c, a, b) when analysis.IsData c -> chosen scope c a b term
            | Reference(name, subscripts) ->
                match model.TryFind name with
                | Some(:? DefinedVarEntity as d) -> inside scope d subscripts e term
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

    let bounds (penalty: SeparablePenalty) =
        for v in model.Variables do
            if v.IsInteger || v.IsBinary then
                Errors.failWithHint "unsupported" v.Span $"variable {v.Name} is integer, and cd has no integer support" "leave out `integer`"

            let lower, upper, value = v.Lower, v.Upper, v.Value

            for k in 0 .. v.Domain.Count - 1 do
                let j = v.Offset + k

                if v.IsFixed.Length > 0 && v.IsFixed[k] then
                    penalty.Lower[j] <- value[k]
                    penalty.Upper[j] <- value[k]
                else
                    if lower[k] > upper[k] then
                        Errors.fail "bounds-cross" v.Span $"{v.QuotedName k} has no feasible value: its bounds are {lower[k]} and {upper[k]}"

                    penalty.Lower[j] <- lower[k]
                    penalty.Upper[j] <- upper[k]

    let several what k = if k = 1 then $"1 {what}" else $"{k} {what}s"

    let describeRows (matrix: DesignMatrix) (lossName: string) =
        let kind = match matrix with :? DenseColumns -> "dense" | _ -> "sparse"
        let forms = several "linear form" rows.Count
        let variables = several "variable" count

        [ $"smooth part: {lossName} of {forms} in {variables}"
          $"matrix: {rows.Entries} entries, {kind} by column" ]

    let describePenalty (penalty: SeparablePenalty) =
        let number predicate = Seq.init count id |> Seq.filter predicate |> Seq.length

        let parts =
            [ number (fun j -> penalty.L1[j] > 0.0), "abs on"
              number (fun j -> penalty.L2[j] > 0.0), "squares on"
              number (fun j -> penalty.Linear[j] <> 0.0), "linear on"
              number (fun j -> penalty.Lower[j] > -infinity || penalty.Upper[j] < infinity), "bounds on"
              groups.Count, "norms of groups"
              number (fun j -> penalty.IsFree j && not isGrouped[j]), "nothing on" ]
            |> List.filter (fun (k, _) -> k > 0)
            |> List.map (fun (k, what) -> $"{what} {k}")

        let listed = String.Join(", ", parts)
        $"separable part: {listed}"

    /// The addends of the objective, each with its sign. A loss with a label (`log(1 + exp(t)) - y*t`) is one.
    let rec addends (sign: float) (e: Expr) : (float * Expr) list =
        match e.Kind with
        | ExprKind.Binary(Add, a, b) when not (analysis.IsData e) -> addends sign a @ addends sign b
        | ExprKind.Binary(Subtract, a, b) when not (analysis.IsData e) && (exponential a).IsNone -> addends sign a @ addends -sign b
        | Unary(Negate, a) -> addends -sign a
        | _ -> [ sign, e ]

    let reads (scope: Scope) (e: Expr) : Entity list =
        let found = ResizeArray<Entity>()

        let visit name _ _ =
            match model.TryFind name with
            | Some entity -> found.Add entity
            | None -> ()

        Syntax.iterNames (fun _ -> false) (fun name -> (scope.TryFind name).IsSome) visit (fun _ _ _ -> ()) (Set.ofSeq scope.Names) e
        List.ofSeq found

    /// Adds what a part gave to a sum of parts.
    let addTo (sum: SeparablePenalty) (part: SeparablePenalty) =
        for j in 0 .. count - 1 do
            sum.L1[j] <- sum.L1[j] + part.L1[j]
            sum.L2[j] <- sum.L2[j] + part.L2[j]
            sum.Linear[j] <- sum.Linear[j] + part.Linear[j]

    /// Runs the parts that are chosen; the penalty and the constant they give.
    let run (objective: ObjectiveEntity) position (parts: (float * Expr)[]) (chosen: int -> bool) (finished: int -> SeparablePenalty -> float -> unit) =
        let frame = Scope.NewFrame()

        if objective.Arity > 0 then
            objective.Domain.CopyTo(position, frame, 0)

        parts
        |> Array.iteri (fun k (sign, e) ->
            if chosen k then
                penalty <- SeparablePenalty count
                constant <- 0.0
                term objective.Scope e frame sign
                finished k penalty constant)

    let isUnchanged (kept: KeptRows) (objective: ObjectiveEntity) position =
        let known, place = kept.Origin

        kept.Kept.Penalty.L1.Length = count
        && obj.ReferenceEquals(known, objective)
        && place = position
        && kept.Reads |> Array.forall (fun entity -> entity.Stamp <= kept.Stamp)

    /// Runs all parts and keeps what gave rows.
    let buildAnew (objective: ObjectiveEntity) position (parts: (float * Expr)[]) : KeptRows =
        let still = SeparablePenalty count
        let total = SeparablePenalty count
        let mutable before = 0
        let mutable rowParts = Set.empty
        let mutable stillConstant = 0.0
        let stillGroups = ResizeArray<PenaltyGroup>()
        let mutable groupsBefore = 0
        let mutable moving = 0.0

        run objective position parts (fun _ -> true) (fun k part value ->
            if rows.Count > before then
                rowParts <- rowParts.Add k
                addTo still part
                stillGroups.AddRange(groups.GetRange(groupsBefore, groups.Count - groupsBefore))
                stillConstant <- stillConstant + value
            else
                addTo total part
                moving <- moving + value

            before <- rows.Count
            groupsBefore <- groups.Count)

        addTo total still
        bounds total

        let loss =
            match loss with
            | ValueSome(loss, _) -> loss
            | ValueNone -> LeastSquaresLoss()

        let matrix = rows.Matrix()

        { Origin = objective, position
          RowParts = rowParts
          Reads = [| for k in rowParts do yield! reads objective.Scope (snd parts[k]) |]
          Stamp = model.Stamp
          Fixed = still
          FixedConstant = stillConstant
          FixedGroups = stillGroups.ToArray()
          RowsText = describeRows matrix loss.Name
          Kept =
            CompositeProblem(
                Matrix = matrix,
                Loss = loss,
                Labels = rows.Labels,
                Weights = rows.Weights,
                Offset = (match rows.Offsets with Some offsets -> offsets | None -> null),
                Penalty = total,
                Constant = stillConstant + moving
            ) }

    /// Runs the parts that gave no rows; false when one gives rows now.
    let refresh (kept: KeptRows) (objective: ObjectiveEntity) position (parts: (float * Expr)[]) : bool =
        let total = kept.Kept.Penalty
        total.Clear()
        let mutable moving = kept.FixedConstant
        addTo total kept.Fixed

        for group in kept.FixedGroups do
            groups.Add group

            for j in group.Members do
                isGrouped[j] <- true

        run objective position parts (fun k -> not (kept.RowParts.Contains k)) (fun _ part value ->
            addTo total part
            moving <- moving + value)

        bounds total
        kept.Kept.Constant <- moving
        rows.Count = 0

    new(model, evaluator) = CompositeSplit(model, evaluator, CompositeMemory())

    /// Raises ModelError where the model does not fit. Constraints are refused unless somebody else keeps them.
    member _.Build(allowsRows: bool) : CompositeModel =
        for entity in model.Entities do
            match entity with
            | :? LowerEntity -> Errors.failWithHint "composite" entity.Span $"cd cannot take lower problem {entity.Name}" remedy
            | :? ConstraintEntity as c when
                not allowsRows && CompositeMemory.IsLive c
                ->
                Errors.failWithHint
                    "composite"
                    c.Span
                    $"cd cannot take constraint {c.Name}: it keeps linear constraints only where the objective is a loss of linear forms with penalties"
                    "write a bound in the variable's declaration (var b >= 0), or leave cd: --solver auglag, or --solver admm for convex quadratic models"
            | _ -> ()

        match model.CurrentObjective with
        | None -> Errors.failWithHint "composite" Span.None "cd needs an objective" "write minimize name: expression;"
        | Some(objective, position) ->
            let sense = if objective.Sense = Maximize then -1.0 else 1.0

            let parts =
                match objective.Body with
                | Some body -> Array.ofList (addends sense body)
                | None -> [||]

            bounds limits

            let found (kept: KeptRows) =
                { Problem = kept.Kept
                  Groups = List.ofSeq groups
                  Start = [| for v in model.Variables do yield! v.Value |]
                  Sense = sense
                  Objective = objective, position
                  Description = kept.RowsText @ [ describePenalty kept.Kept.Penalty ] }

            match memory.Rows with
            | ValueSome kept when isUnchanged kept objective position && refresh kept objective position parts -> found kept
            | ValueSome _ ->
                memory.Rows <- ValueNone
                memory.Solver <- ValueNone
                CompositeSplit(model, evaluator, memory).Build allowsRows
            | ValueNone ->
                let kept = buildAnew objective position parts
                memory.Rows <- ValueSome kept
                found kept
