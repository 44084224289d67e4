namespace Optc.Compiler

open System
open Optc.Parser

/// Finds the place in the text of a model that cannot be evaluated at the current point, and says why.
module Diagnose =
    let private show (x: float) = Format.general x 15 false

    /// The source of an expression on one line, with the values of the dummies in place of their names.
    let private text (evaluator: Evaluator) (scope: Scope) (frame: Frame) (e: Expr) : string =
        /// Members that are known at this place; None for what runs inside the expression.
        let value (bound: Set<string>) (e: Expr) : string option =
            let mutable known = true
            let mutable usesDummy = false

            Syntax.iterNames
                evaluator.Kinds.IsScalarParam
                (fun name -> (scope.TryFind name).IsSome)
                (fun name _ _ ->
                    if bound.Contains name then known <- false
                    elif (scope.TryFind name).IsSome then usesDummy <- true)
                (fun _ _ _ -> ())
                Set.empty
                e

            if known && usesDummy && not (evaluator.DependsOnVariables e) then
                try
                    Some((evaluator.Member (scope, e) (Array.copy frame)).ToString())
                with ModelError _ ->
                    None
            else
                None

        let rec names (indexing: Indexing) =
            indexing.Items
            |> List.collect (fun item -> Option.defaultValue [] item.Pattern)
            |> List.choose (fun p ->
                match p.Kind with
                | Reference(name, []) when (scope.TryFind name).IsNone -> Some name
                | _ -> None)

        /// What stands instead of parts of the text: spans with their replacement.
        let rec replaced (bound: Set<string>) (e: Expr) : (Span * string) list =
            let go = replaced bound

            match e.Kind with
            | Reference(name, []) when bound.Contains name -> []
            | Reference(name, []) when (scope.TryFind name).IsSome ->
                match value bound e with
                | Some value -> [ e.Span, value ]
                | None -> []
            | Reference(_, subscripts) ->
                subscripts
                |> List.collect (fun s ->
                    match value bound s with
                    | Some value -> [ s.Span, value ]
                    | None -> go s)
            | Suffixed(target, _) -> go target
            | Unary(_, a) -> go a
            | ExprKind.Binary(_, a, b) -> go a @ go b
            | Call(_, arguments) -> List.collect go arguments
            | Iterated(_, indexing, body) ->
                let inner = Set.union bound (Set.ofList (names indexing))
                let items = indexing.Items |> List.collect (fun item -> replaced bound item.Set)
                let condition = indexing.Condition |> Option.toList |> List.collect (replaced inner)
                items @ condition @ replaced inner body
            | Conditional(c, a, b) -> go c @ go a @ (Option.toList b |> List.collect go)
            | Tuple items -> List.collect go items
            | Range(a, b, c) -> go a @ go b @ (Option.toList c |> List.collect go)
            | PiecewiseLinear(_, _, argument, _) -> go argument
            | _ -> []

        match e.Span.Source with
        | null -> "(expression)"
        | source ->
            let builder = Text.StringBuilder()
            let mutable from = e.Span.Start

            for span, value in replaced Set.empty e |> List.sortBy (fun (span, _) -> span.Start) do
                if span.Start >= from && span.End <= e.Span.End then
                    builder.Append(source.Text, from, span.Start - from).Append(value) |> ignore
                    from <- span.End

            builder.Append(source.Text, from, max 0 (e.Span.End - from)) |> ignore

            String.Join(' ', builder.ToString().Split([| ' '; '\t'; '\r'; '\n' |], StringSplitOptions.RemoveEmptyEntries))

    /// `the argument x[3] - 1 = -0.5`
    let private operand write role (struct (e: Expr, value: float)) =
        let written: string = write e

        match e.Kind with
        | Number _ -> $"the {role} {written}"
        | _ -> $"the {role} {written} = {show value}"

    let private reason write (failure: Failure) : string * string option =
        let operands = failure.Operands
        let argument k = operand write "argument" operands[k]
        let divisorText () = operand write "divisor" operands[1]
        let baseText () = operand write "base" operands[0]
        let all () = String.Join(" and ", operands |> Array.map (operand write "operand"))
        let isFinite (struct (_, value): struct (Expr * float)) = Double.IsFinite value
        let bound = Some "a bound, or a start inside the domain, avoids this"

        match failure.Expr.Kind with
        | Reference _ -> "the variable has this value", Some "give it a finite start with := or let"
        | _ when not (Array.forall isFinite operands) ->
            let known = operands |> Array.filter (isFinite >> not) |> Array.map (operand write "operand")
            String.Join(" and ", known), None
        | Call(name, [ _ ]) ->
            match AuditFunctions.unary.TryFind name with
            | Some rule ->
                let struct (_, x) = operands[0]

                if rule.Holds x then
                    $"{argument 0} is too large: the result overflows", None
                else
                    $"{argument 0} {rule.Domain}", bound
            | None -> "the result overflows", None
        | ExprKind.Binary((Divide | IntegerDivide | Modulo), _, _) ->
            let struct (_, divisor) = operands[1]

            if divisor = 0.0 then
                $"{divisorText ()} must not be 0", bound
            else
                $"the result overflows with {all ()}", None
        | ExprKind.Binary(Power, _, _) ->
            let struct (_, x) = operands[0]
            let struct (e, p) = operands[1]

            let exponent =
                match e.Kind with
                | Number _ -> $"the exponent {show p}"
                | _ -> $"the exponent {write e} = {show p}"

            if x < 0.0 && p <> Math.Floor p then
                $"{baseText ()} must not be negative, as {exponent} is not an integer", bound
            elif x = 0.0 && p < 0.0 then
                $"{baseText ()} must not be 0, as {exponent} is negative", bound
            else
                $"{baseText ()} is too large for {exponent}: the result overflows", None
        | _ when operands.Length > 0 ->
            $"the result overflows with {all ()}", None
        | _ -> "the result overflows", None

    let private ofFailure (evaluator: Evaluator) (asked: struct (Entity * int) option) (failure: Failure) : Diagnostic =
        let write = text evaluator failure.Scope failure.Frame
        let struct (entity, position) = failure.Owner
        let written = write failure.Expr

        let place =
            let own = $"{entity.Kind} {entity.QuotedName position}"

            match asked with
            | Some(struct (other, k)) when not (obj.ReferenceEquals(other, entity)) || k <> position ->
                $"{own}, which {other.Kind} {other.QuotedName k} uses"
            | _ -> own

        let operands =
            failure.Operands
            |> Array.filter (fun (struct (e, _)) ->
                match e.Kind with
                | Number _ -> false
                | _ -> true)
            |> Array.map (fun (struct (e, value)) -> $"{write e} = {show value}")

        let points = String.Join(", ", operands)

        let message, hint =
            match failure.Kind with
            | FailureKind.Value ->
                let why, hint = reason write failure
                let value = if Double.IsNaN failure.Value then "NaN" else show failure.Value
                $"{written} is {value} in {place}: {why}", hint
            | FailureKind.FirstDerivative ->
                $"{written} has no finite derivative at {points} in {place}", Some "a bound or a start away from this value avoids it"
            | _ ->
                $"{written} has no finite second derivative at {points} in {place}",
                Some "a bound or a start away from this value avoids it"

        Errors.make Error "not-finite" failure.Expr.Span message hint

    /// Runs the body of an entity at a position; false when its value is not finite though all its parts are.
    let private runBody (interpreter: AuditInterpreter) (entity: Entity) : int -> bool =
        let run (e: Expr) = interpreter.Accumulate(entity.Scope, e)

        let parts =
            match entity with
            | :? ConstraintEntity as c -> Syntax.constraintParts c.Body
            | :? ObjectiveEntity as o -> Option.toList o.Body
            | :? DefinedVarEntity as d -> [ d.Body ]
            | _ -> []

        // The sides of a constraint may be infinite: only what holds variables matters.
        let runs = parts |> List.filter interpreter.Holds |> List.map run |> Array.ofList
        let frame = Scope.NewFrame()

        fun position ->
            interpreter.Enter(entity, position)

            if entity.Arity > 0 then
                entity.Domain.CopyTo(position, frame, 0)

            runs |> Array.forall (fun run -> Double.IsFinite(run frame 0.0))

    let private firstFailure (interpreter: AuditInterpreter) =
        [ FailureKind.Value; FailureKind.FirstDerivative; FailureKind.SecondDerivative ]
        |> List.tryPick interpreter.Failure

    let private overflow (entity: Entity) position =
        Errors.error "not-finite" entity.Span $"{entity.Kind} {entity.QuotedName position} is not finite: the sum of its terms overflows"

    /// The innermost sub-expression of an entity (constraint, objective or defined variable) at a position whose value,
    /// else first derivative, else second derivative is NaN or infinite at the current point; None when all is finite.
    let tryNonFinite (model: Model) (evaluator: Evaluator) (entity: Entity) (position: int) : Diagnostic option =
        let interpreter = AuditInterpreter(model, evaluator)
        let isFinite = runBody interpreter entity position

        match firstFailure interpreter with
        | Some failure -> Some(ofFailure evaluator (Some(struct (entity, position))) failure)
        | None when not isFinite -> Some(overflow entity position)
        | None -> None

    /// As `tryNonFinite`, for an entity known to fail.
    let nonFinite (model: Model) (evaluator: Evaluator) (entity: Entity) (position: int) : Diagnostic =
        match tryNonFinite model evaluator entity position with
        | Some diagnostic -> diagnostic
        | None ->
            Errors.error
                "not-finite"
                entity.Span
                $"{entity.Kind} {entity.QuotedName position} cannot be evaluated here, though each of its parts is finite: a product of derivatives overflows"

    /// The first such place in the objective in use and the constraints that are not dropped.
    let atPoint (model: Model) (evaluator: Evaluator) : Diagnostic option =
        let interpreter = AuditInterpreter(model, evaluator)

        let places =
            seq {
                match model.CurrentObjective with
                | Some(o, position) ->
                    let run = runBody interpreter o
                    struct (o :> Entity, position, run)
                | None -> ()

                for c in model.Constraints do
                    if c.Lower = "" then
                        let run = runBody interpreter c

                        for position in 0 .. c.Domain.Count - 1 do
                            if c.Dropped.Length = 0 || not c.Dropped[position] then
                                struct (c :> Entity, position, run)
            }

        let failing =
            places
            |> Seq.tryPick (fun (struct (entity, position, run)) ->
                let isFinite = run position

                match interpreter.Failure FailureKind.Value with
                | Some failure -> Some(ofFailure evaluator (Some(struct (entity, position))) failure)
                | None when not isFinite -> Some(overflow entity position)
                | None -> None)

        match failing with
        | Some _ -> failing
        | None -> firstFailure interpreter |> Option.map (ofFailure evaluator None)
