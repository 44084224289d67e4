namespace Optc.Compiler

open System
open System.Collections.Generic
open Optc.Parser

/// Walks the syntax tree of the model as written at the current point of the variables and records what it does on a
/// tape. Data subexpressions, sets and subscripts are the evaluator's; everything that variables go through is done here,
/// by rules that the symbolic part and the kernels do not share.
[<Sealed>]
type AuditInterpreter(model: Model, evaluator: Evaluator) as this =
    let tape = AuditTape()
    let variableCount = model.LayoutVariables()
    let failures = AuditFailures()
    let ops = AuditOperations(tape, failures)
    let stack = ops.Stack
    let holdsCache = Dictionary<Expr, bool>(HashIdentity.Reference)
    let number: AuditNumber = fun scope e -> this.Number(scope, e)
    let conditions = AuditConditions(evaluator, tape, failures, ops, (fun e -> this.Holds e), number)

    // Values of defined variables, numbered in the order in which they were completed: what one needs comes before it.
    let numbers = Dictionary<Entity, int[]>(HashIdentity.Reference)
    let bodies = Dictionary<Entity, Lazy<Frame -> float -> float>>(HashIdentity.Reference)
    let definedOwners = ResizeArray<struct (Entity * int)>()
    let definedValues = ResizeArray<float>()

    let isVariable name =
        match model.TryFind name with
        | Some(:? VarEntity)
        | Some(:? DefinedVarEntity)
        | Some(:? ObjectiveEntity) -> true
        | _ -> false

    member _.Tape = tape
    member _.VariableCount = variableCount
    member _.Failure(kind: FailureKind) = failures.First kind
    member _.ClearFailures() = failures.Clear()
    member _.DefinedCount = definedValues.Count

    /// Whose body is evaluated next, for failures.
    member _.Enter(entity: Entity, position: int) = failures.Owner <- ValueSome(struct (entity, position))

    /// Called with every term that gets a weight, while it is on the tape: (mark, value, weight). Set by who wants
    /// derivatives.
    member val OnTerm: int -> Traced -> float -> unit = (fun _ _ _ -> ()) with get, set

    /// Whether an expression may change with the variables.
    member this.Holds(e: Expr) : bool =
        match holdsCache.TryGetValue e with
        | true, known -> known
        | _ ->
            let result =
                (match e.Kind with
                 | Reference(name, _) -> isVariable name
                 | _ -> false)
                || DeepStack.run (fun () -> AuditSyntax.parts e |> List.exists this.Holds)

            holdsCache[e] <- result
            result

    /// The value of a defined variable (or an objective that an expression names) as a leaf.
    member private this.Defined(entity: Entity, body: Expr, position: int) : Traced =
        let known =
            match numbers.TryGetValue entity with
            | true, known -> known
            | _ ->
                let known = Array.create entity.Domain.Count -1
                numbers[entity] <- known
                known

        if known[position] = -2 then
            Errors.fail "cycle" entity.Span $"{entity.Kind} {entity.QuotedName position} depends on itself"

        if known[position] = -1 then
            known[position] <- -2
            let outerOwner = failures.Owner
            let outerTie = conditions.Tie

            try
                this.Enter(entity, position)
                let value = DeepStack.run (fun () -> this.RunBody(entity, body, position, 0.0))
                known[position] <- definedValues.Count
                definedValues.Add value
                definedOwners.Add(struct (entity, position))
            finally
                failures.Owner <- outerOwner
                conditions.Tie <- outerTie

                if known[position] = -2 then
                    known[position] <- -1

        tape.Leaf(variableCount + known[position], definedValues[known[position]])

    member private this.RunBody(entity: Entity, body: Expr, position: int, seed: float) : float =
        let run =
            match bodies.TryGetValue entity with
            | true, run -> run
            | _ ->
                let run = lazy (this.Accumulate(entity.Scope, body))
                bodies[entity] <- run
                run

        let frame = Scope.NewFrame()

        if entity.Arity > 0 then
            entity.Domain.CopyTo(position, frame, 0)

        run.Value frame seed

    /// Runs the body of the defined variable with a number again, its terms weighted.
    member this.Repeat(number: int, seed: float) =
        let struct (entity, position) = definedOwners[number]
        this.Enter(entity, position)

        match AuditSyntax.bodyOf entity with
        | Some body -> this.RunBody(entity, body, position, seed) |> ignore
        | None -> ()

    /// Records the body of the defined variable with a number as a whole.
    member this.Record(number: int) : Traced =
        let struct (entity, position) = definedOwners[number]
        this.Enter(entity, position)

        match AuditSyntax.bodyOf entity with
        | Some body ->
            let frame = Scope.NewFrame()

            if entity.Arity > 0 then
                entity.Domain.CopyTo(position, frame, 0)

            this.Number(entity.Scope, body) frame
        | None -> Traced.Constant 0.0

    /// A sum of terms, each recorded, reported with its weight (seed times its coefficient) and forgotten, so that sums of
    /// millions of terms need no tape of that length. The value.
    member this.Accumulate(scope: Scope, e: Expr) : Frame -> float -> float =
        match e.Kind with
        | _ when not (this.Holds e) ->
            let value = evaluator.Number(scope, e)
            fun frame _ -> value frame
        | ExprKind.Binary((Add | Subtract), _, _)
        | Unary((Negate | Plus), _) ->
            let terms =
                AuditSyntax.summands e
                |> Array.map (fun (struct (term, sign)) -> struct (this.Accumulate(scope, term), sign))

            fun frame seed ->
                let mutable total = 0.0

                for struct (term, sign) in terms do
                    total <- total + sign * term frame (seed * sign)

                total
        | ExprKind.Binary(Multiply, a, b) when not (this.Holds a) ->
            let factor = evaluator.Number(scope, a)
            let rest = this.Accumulate(scope, b)

            fun frame seed ->
                let c = factor frame
                c * rest frame (seed * c)
        | ExprKind.Binary(Multiply, a, b) when not (this.Holds b) ->
            let rest = this.Accumulate(scope, a)
            let factor = evaluator.Number(scope, b)

            fun frame seed ->
                let c = factor frame
                c * rest frame (seed * c)
        | ExprKind.Binary(Divide, a, b) when not (this.Holds b) ->
            let rest = this.Accumulate(scope, a)
            let divisor = evaluator.Number(scope, b)
            let whole = lazy (this.Term(scope, e))

            fun frame seed ->
                let c = divisor frame
                if c = 0.0 then whole.Value frame seed else rest frame (seed / c) / c
        | Iterated(IteratedOp.Sum, indexing, body) ->
            let inner, plan = evaluator.Indexing(scope, indexing)
            let term = this.Accumulate(inner, body)

            fun frame seed ->
                // A cell: closures may not capture mutable locals.
                let total = ref 0.0

                plan.Run(
                    frame,
                    { new Visitor() with
                        member _.Visit f =
                            tape.Steps <- tape.Steps + 1L
                            total.Value <- total.Value + term f seed
                            true }
                )
                |> ignore

                total.Value
        | Conditional(c, a, b) when not (this.Holds c) ->
            let condition = evaluator.Logic(scope, c)
            let a = this.Accumulate(scope, a)

            let b =
                match b with
                | Some b -> this.Accumulate(scope, b)
                | None -> fun _ _ -> 0.0

            fun frame seed -> if condition frame then a frame seed else b frame seed
        | _ -> this.Term(scope, e)

    /// What the summands without variables come to; None when there are none.
    member this.Offset(scope: Scope, e: Expr) : (Frame -> float) option =
        match e.Kind with
        | _ when not (this.Holds e) -> Some(evaluator.Number(scope, e))
        | ExprKind.Binary((Add | Subtract), _, _)
        | Unary((Negate | Plus), _) ->
            let parts =
                AuditSyntax.summands e
                |> Array.choose (fun (struct (term, sign)) -> this.Offset(scope, term) |> Option.map (fun offset -> struct (offset, sign)))

            if parts.Length = 0 then
                None
            else
                Some(fun frame -> parts |> Array.sumBy (fun (struct (offset, sign)) -> sign * offset frame))
        | ExprKind.Binary(Multiply, a, b) when not (this.Holds a) ->
            let factor = evaluator.Number(scope, a)
            this.Offset(scope, b) |> Option.map (fun offset -> fun frame -> factor frame * offset frame)
        | Iterated(IteratedOp.Sum, indexing, body) ->
            let inner, plan = evaluator.Indexing(scope, indexing)

            this.Offset(inner, body)
            |> Option.map (fun offset ->
                fun frame ->
                    let total = ref 0.0
                    plan.Enumerate(frame, (fun () -> total.Value <- total.Value + offset frame))
                    total.Value)
        | _ -> None

    member private this.Term(scope: Scope, e: Expr) : Frame -> float -> float =
        let term = this.Number(scope, e)

        fun frame seed ->
            let mark = tape.Mark
            let value = term frame

            if seed <> 0.0 && value.Node >= 0 then
                this.OnTerm mark value seed

            tape.Truncate mark
            value.Value

    /// The value of an expression, recorded.
    member this.Number(scope: Scope, e: Expr) : Frame -> Traced =
        match e.Kind with
        | _ when not (this.Holds e) ->
            let value = evaluator.Number(scope, e)
            fun frame -> Traced.Constant(value frame)
        | Reference(name, []) when (scope.TryFind name).IsSome ->
            // A dummy that hides a variable of its name
            let value = evaluator.Number(scope, e)
            fun frame -> Traced.Constant(value frame)
        | Reference(name, subscripts) ->
            match model.TryFind name with
            | Some(:? VarEntity as v) ->
                let position = evaluator.Position(scope, v, subscripts, e.Span)
                let values = v.Value
                let isFixed = v.IsFixed

                fun frame ->
                    let k = position frame

                    if not (Double.IsFinite values[k]) then
                        failures.Note FailureKind.Value scope e frame [] values[k]

                    if isFixed.Length > 0 && isFixed[k] then Traced.Constant values[k] else tape.Leaf(v.Offset + k, values[k])
            | Some entity when (AuditSyntax.bodyOf entity).IsSome ->
                let body = (AuditSyntax.bodyOf entity).Value
                let position = evaluator.Position(scope, entity, subscripts, e.Span)
                fun frame -> this.Defined(entity, body, position frame)
            | _ ->
                let value = evaluator.Number(scope, e)
                fun frame -> Traced.Constant(value frame)
        | ExprKind.Binary((Add | Subtract), _, _)
        | Unary((Negate | Plus), _) ->
            let terms = AuditSyntax.summands e
            let signs = terms |> Array.map (fun (struct (_, sign)) -> sign)
            let items = terms |> Array.map (fun (struct (term, _)) -> DeepStack.run (fun () -> this.Number(scope, term)))

            fun frame ->
                let first = stack.Count
                let mutable total = 0.0

                for k in 0 .. items.Length - 1 do
                    let value = items[k] frame
                    total <- total + signs[k] * value.Value
                    stack.Add value

                ops.Many scope e frame first total (fun k -> signs[k - first])
        | ExprKind.Binary((Multiply | Divide | Power | IntegerDivide | Modulo | Less) as op, a, b) -> AuditArithmetic.binary ops number scope op a b e
        | Call(name, arguments) -> AuditCalls.call ops number scope name arguments e
        | Iterated((IteratedOp.Sum | Product | Minimum | Maximum | Norm1 | Norm2 | NormInf | LogSumExp) as op, indexing, body) ->
            AuditCalls.iterated evaluator ops number scope op indexing body e
        | Conditional(c, a, b) when not (evaluator.Kinds.IsLogic a) -> conditions.Choice(scope, c, a, b)
        | PiecewiseLinear(breakpoints, slopes, argument, zero) -> AuditPiecewise.piecewise evaluator tape number scope breakpoints slopes argument zero e
        | _ ->
            let logic = conditions.Logic(scope, e)
            fun frame -> Traced.Constant(if logic frame then 1.0 else 0.0)
