namespace Optc.Compiler

open System
open System.Collections.Generic
open Optc.Parser
open Optc.Runtime.Solvers.Projections

/// A value or a number: what a branch of an `if` holds.
[<Struct>]
type private Branch =
    | Value of value: int
    | Number of number: float

/// Takes a compiled model apart into elementary operations, each with its projection. Sums, products and squares gather in one operation as far as they
/// reach; every other operation's operands and result are values of their own. Shared sums and defined variables are one value for all who use them.
[<Sealed>]
type ProjectionModel(compiled: CompiledModel, isInteger: int -> bool, margin: float) =
    let problem = compiled.Problem
    let source = ConeSource compiled
    let graph = FeasibilityGraph()
    let starts = ResizeArray<float>()
    let stages = Dictionary<int, int>()
    let chosen = HashSet<int>()

    let newValue start : int =
        starts.Add start
        graph.AddValue start

    let startOf value = starts[value]

    /// The value of a form, defined by an operation.
    let define (form: ProjectionForm) : int =
        let value = newValue (form.Constant + form.Sum startOf)
        form.AddValue(value, -1.0)
        form.Restrict(0.0, 0.0) |> Option.iter graph.AddOperation
        value

    /// The result of an operation whose first operand it is.
    let operate (projection: IProjection) (start: float) (operands: int list) : int =
        let value = newValue start
        graph.AddOperation(projection, List.toArray (value :: operands))
        value

    let refuse (instance: ConeInstance) what remedy : 'a =
        Errors.failWithHint "solver" instance.Span $"projections has no projection for {what}" remedy

    let addVariable column =
        starts.Add problem.Start[column]

        try
            graph.AddValue(problem.Start[column], problem.VariableLower[column], problem.VariableUpper[column], isInteger column) |> ignore
        with :? ArgumentException as e ->
            let span = match ModelNames.owner compiled column with Some(v, _) -> v.Span | None -> Span.None
            Errors.fail "bounds-cross" span $"variable {ModelNames.variable compiled column} is integer. {e.Message}"

    /// A row that says how many of some 0-1 variables are 1.
    let tryChoice (form: ProjectionForm) lower upper : (IProjection * int[]) option =
        let terms = form.Linear
        let isBinary (value, _) = value < problem.VariableCount && isInteger value && problem.VariableLower[value] = 0.0 && problem.VariableUpper[value] = 1.0

        if lower = upper && form.Products.Length = 0 && terms.Length > 1 && Array.forall isBinary terms && Array.forall (fun (_, c) -> c = snd terms[0]) terms then
            let chosen = (lower - form.Constant) / snd terms[0]

            if chosen = Math.Round chosen && chosen >= 0.0 && chosen <= float terms.Length then
                Some(ChoiceProjection(terms.Length, int chosen), Array.map fst terms)
            else
                None
        else
            None

    do
        for column in 0 .. problem.VariableCount - 1 do
            addVariable column

    /// Adds the rows. Raises ModelError for an operation without a projection.
    member this.Build() : FeasibilityGraph =
        for row in 0 .. compiled.RowOwner.Length - 1 do
            try
                this.AddRow row
            with :? ArgumentException ->
                let span = match compiled.RowOwner[row] with null -> Span.None | c -> c.Span

                Errors.failWithHint
                    "solver"
                    span
                    $"{ModelNames.constraintRow compiled row} has a coefficient or a side that is not finite, which projections does not take"
                    "correct the data"

        // What a choice holds is whole already.
        for column in 0 .. problem.VariableCount - 1 do
            if isInteger column && not (chosen.Contains column) then
                graph.AddOperation(WholeProjection(problem.VariableLower[column], problem.VariableUpper[column]), [| column |])

        graph

    member private this.AddRow(row: int) : unit =
        let form = ProjectionForm()

        for instance in source.Row row do
            this.Add(form, 1.0, instance, Dictionary(), instance.Root)

        let lower, upper = problem.ConstraintLower[row], problem.ConstraintUpper[row]

        match tryChoice form lower upper with
        | Some(projection, operands) ->
            chosen.UnionWith operands
            graph.AddOperation(projection, operands)
        | None -> form.Restrict(lower, upper) |> Option.iter graph.AddOperation

    /// The value of a stage: a sum that several templates use, or that is used nonlinearly.
    member private this.Stage(row: int) : int =
        match stages.TryGetValue row with
        | true, value -> value
        | _ ->
            let form = ProjectionForm()

            for instance in source.Stage row do
                this.Add(form, 1.0, instance, Dictionary(), instance.Root)

            let value =
                match form.Single with
                | Some(value, 1.0) -> value
                | _ -> define form

            stages[row] <- value
            value

    /// Adds weight · node to a form. `known` holds the values of the instance's nodes.
    member private this.Add(form: ProjectionForm, weight: float, instance: ConeInstance, known: Dictionary<int, int>, id: int) : unit =
        let add weight id = this.Add(form, weight, instance, known, id)
        let node = instance.Node id

        match instance.Constant id with
        | ValueSome number -> form.Constant <- form.Constant + weight * number
        | ValueNone when node.Kind = NodeKind.SlotNode ->
            match instance.Slot node.Index with
            | ColumnSlot column -> form.AddValue(column, weight)
            | StageSlot row -> form.AddValue(this.Stage row, weight)
            | FixedSlot number -> form.Constant <- form.Constant + weight * number
        | ValueNone ->
            let constant k = if k < 0 then ValueNone else instance.Constant k

            match node.Op, constant node.A, constant node.B with
            | Op.Add, _, _ ->
                add weight node.A
                add weight node.B
            | Op.Sub, _, _ ->
                add weight node.A
                add -weight node.B
            | Op.Neg, _, _ -> add -weight node.A
            | Op.Mul, ValueSome c, _ -> add (weight * c) node.B
            | Op.Mul, _, ValueSome c -> add (weight * c) node.A
            | Op.Div, _, ValueSome c -> add (weight / c) node.A
            | Op.Mul, _, _ ->
                let a, p = this.Scaled(instance, known, node.A)
                let b, q = this.Scaled(instance, known, node.B)
                form.AddProduct(a, b, weight * p * q)
            | Op.Square, _, _ -> this.AddSquare(form, weight, instance, known, node.A)
            | Op.Pow, _, ValueSome 2.0 -> this.AddSquare(form, weight, instance, known, node.A)
            | _ -> form.AddValue(this.Value(instance, known, id), weight)

    member private this.AddSquare(form: ProjectionForm, weight, instance, known, id) : unit =
        let a, p = this.Scaled(instance, known, id)
        form.AddProduct(a, a, weight * p * p)

    /// A node as a multiple of a value.
    member private this.Scaled(instance: ConeInstance, known: Dictionary<int, int>, id: int) : int * float =
        match known.TryGetValue id with
        | true, value -> value, 1.0
        | _ ->
            let form = ProjectionForm()
            this.Add(form, 1.0, instance, known, id)

            match form.Single with
            | Some single -> single
            | None ->
                let value = define form
                known[id] <- value
                value, 1.0

    /// A node as a value.
    member private this.Value(instance: ConeInstance, known: Dictionary<int, int>, id: int) : int =
        match known.TryGetValue id with
        | true, value -> value
        | _ ->
            let node = instance.Node id

            let isLinear =
                node.Kind <> NodeKind.OperatorNode
                || (match node.Op with
                    | Op.Add
                    | Op.Sub
                    | Op.Neg
                    | Op.Mul
                    | Op.Square -> true
                    | Op.Div -> (instance.Constant node.B).IsSome
                    | Op.Pow -> instance.Constant node.B = ValueSome 2.0
                    | _ -> false)

            let value =
                if not isLinear then
                    this.Operation(instance, known, node)
                else
                    match this.Scaled(instance, known, id) with
                    | value, 1.0 -> value
                    | value, scale ->
                        let form = ProjectionForm()
                        form.AddValue(value, scale)
                        define form

            known[id] <- value
            value

    /// An operand: constants become values that stand still.
    member private this.Operand(instance: ConeInstance, known, id) : int =
        match instance.Constant id with
        | ValueSome number ->
            starts.Add number
            graph.AddValue(number, number, number)
        | ValueNone -> this.Value(instance, known, id)

    member private this.Operation(instance: ConeInstance, known, node: Node) : int =
        let operand id = this.Operand(instance, known, id)

        let unary projection =
            let x = operand node.A
            operate projection (Operators.evaluate node.Op (startOf x) 0.0 0.0) [ x ]

        match node.Op with
        | Op.Max
        | Op.Min ->
            let a, b = operand node.A, operand node.B
            operate (LargestProjection(2, (node.Op = Op.Min))) (Operators.evaluate node.Op (startOf a) (startOf b) 0.0) [ a; b ]
        | Op.Abs -> unary (AbsoluteProjection())
        | Op.Floor -> unary (StepProjection(StepKind.Floor, margin))
        | Op.Ceil -> unary (StepProjection(StepKind.Ceiling, margin))
        | Op.Round -> unary (StepProjection(StepKind.Round, margin))
        | Op.Select -> this.Select(instance, known, node.A, this.Branch(instance, known, node.B), this.Branch(instance, known, node.C))
        | Op.Div ->
            // q = a / b is a = q b.
            let form = ProjectionForm()
            this.Add(form, 1.0, instance, known, node.A)
            let b, scale = this.Scaled(instance, known, node.B)
            let start = (form.Constant + form.Sum startOf) / (scale * startOf b)
            let q = newValue (if Double.IsFinite start then start else 0.0)
            form.AddProduct(q, b, -scale)
            form.Restrict(0.0, 0.0) |> Option.iter graph.AddOperation
            q
        | Op.Pow ->
            match instance.Constant node.B with
            | ValueSome exponent ->
                let x = operand node.A
                operate (FunctionProjection(ProjectedFunction.Power exponent)) (Math.Pow(startOf x, exponent)) [ x ]
            | ValueNone -> refuse instance "a power with a variable exponent" "write it as exp(exponent * log(base)), or leave the solver to optc"
        | op ->
            let name =
                match (Operators.get op).Notation with
                | Infix(symbol, _, _) -> symbol
                | Function(name, _) -> name

            match ProjectedFunction.Named name with
            | null -> refuse instance $"the operation {name}" "write it with + - * / ^ abs min max if exp log sqrt sin cos tanh floor ceil round, or leave the solver to optc"
            | f -> unary (FunctionProjection f)

    member private this.Branch(instance: ConeInstance, known, id) : Branch =
        match instance.Constant id with
        | ValueSome number -> Number number
        | ValueNone -> Value(this.Value(instance, known, id))

    /// if condition then yes else no: conjunctions and disjunctions are nested.
    member private this.Select(instance: ConeInstance, known, condition: int, yes: Branch, no: Branch) : int =
        let node = instance.Node condition

        let compare left right isEquality =
            let form = ProjectionForm()
            this.Add(form, 1.0, instance, known, right)
            this.Add(form, -1.0, instance, known, left)

            let distance =
                match form.Single with
                | Some(value, 1.0) -> value
                | _ -> define form

            let constant branch = match branch with Number number -> number | Value _ -> nan
            let operands = [ yes; no ] |> List.choose (fun branch -> match branch with Value value -> Some value | Number _ -> None)
            let startOfBranch branch = match branch with Number number -> number | Value value -> startOf value
            let holds = if isEquality then startOf distance = 0.0 else startOf distance >= 0.0
            operate (ConditionalProjection(constant yes, constant no, isEquality, margin)) (startOfBranch (if holds then yes else no)) (distance :: operands)

        match node.Kind, node.Op with
        | NodeKind.OperatorNode, (Op.IsLess | Op.IsLessOrEqual) -> compare node.A node.B false
        | NodeKind.OperatorNode, Op.IsEqual -> compare node.A node.B true
        | NodeKind.OperatorNode, Op.Not -> this.Select(instance, known, node.A, no, yes)
        | NodeKind.OperatorNode, Op.And -> this.Select(instance, known, node.A, Value(this.Select(instance, known, node.B, yes, no)), no)
        | NodeKind.OperatorNode, Op.Or -> this.Select(instance, known, node.A, yes, Value(this.Select(instance, known, node.B, yes, no)))
        | _ -> refuse instance "this condition" "write it as a comparison with <, <=, =, >= or >"
