namespace Optc.Compiler

open System.Collections.Generic
open Optc.Parser
open Optc.Runtime.Templates

/// Lowers rows (the objective, constraints, definitions, reductions) to terms with instance tables. What an expression
/// shares with others becomes a stage on demand, so that only what is used is ever built. Without a rounding, norms stay as written.
[<Sealed>]
type Lowering(model: Model, evaluator: Evaluator, kinks: Kinks, rounding: NormRounding | null, refreshable: bool, clock: CompileClock) as this =
    let analysis = Analysis model
    let summands = Summands(model, evaluator, analysis, kinks)
    let data = DataLowering(evaluator, analysis, summands)
    let shared = SharedValues(evaluator, analysis)
    let rows = LoweredRows refreshable
    let tables = ResizeArray<TermTable>()

    let context =
        { Model = model
          Evaluator = evaluator
          Analysis = analysis
          Summands = summands
          Kinks = kinks
          Data = data
          Shared = shared
          Rows = rows
          Rounding = rounding }

    let reductions = ReductionLowering(context, this)
    let expressions = ExpressionLowering(context, reductions, KinkLowering(context, this, reductions))

    let lowerTerm (b: ShapeBuilder) (term: Term) : int =
        let g = b.Graph
        let mutable direction = term.Direction * sign term.Sign

        if direction <> 0 && analysis.HasNonsmooth term.Body then
            for factor in term.Factors do
                direction <- direction * data.SignOf(b, factor.Scope, factor.Value)

            if not term.Weights.IsEmpty then
                direction <- 0

        let mutable scale = g.Constant term.Sign

        for factor in List.rev term.Factors do
            let value = data.Number(b, factor.Scope, factor.Value)
            scale <- if factor.IsDivisor then g.Div(scale, value) else g.Mul(scale, value)

        let mutable root =
            if direction = 0 && term.Direction <> 0 && analysis.HasNonsmooth term.Body && not term.Factors.IsEmpty && term.Weights.IsEmpty then
                // A factor of zero: the term vanishes, kink and all.
                g.Constant 0.0
            else
                expressions.Lower b term.Scope direction term.Body

        for scope, weight in term.Weights do
            root <- g.Mul(expressions.Lower b scope 0 weight, root)

        root <- g.Mul(scale, root)

        match term.Combine with
        | Some combine -> combine b root
        | None -> root

    /// The shape of the sum of some terms with the same loops along a path of decisions.
    let lowerSum (terms: Term[]) (path: int list) : Shape =
        let depth = terms |> Array.fold (fun depth term -> max depth term.Scope.Depth) 0
        let b = ShapeBuilder(path, depth)

        clock.Template(fun () ->
            let root = terms |> Array.map (lowerTerm b) |> Array.reduce (fun sum value -> b.Graph.Add(sum, value))
            b.Finish(root, terms |> Array.map _.Body.Span |> Array.reduce (fun x y -> Span.Between x y)))

    let constantValue (term: Term) : Frame -> float =
        let body = evaluator.Number(term.Scope, term.Body)
        let scale = summands.ScaleOf term
        fun frame -> scale frame * body frame

    let newTable name target terms = TermTable(name, target, terms, lowerSum, refreshable)

    let makeTables (name: string, target: TemplateTarget, scope: Scope, direction: int, e: Expr) : TermTable[] =
        let terms = summands.Of(scope, (if kinks = AsWritten then 0 else direction), e)

        let isConstant (term: Term) =
            analysis.IsData term.Body && term.Weights.IsEmpty

        // Terms met by the same loops stand together.
        let together = Dictionary<Loop list, ResizeArray<Term>>(HashIdentity.Reference)

        for term in terms do
            if not (isConstant term) then
                match together.TryGetValue term.Loops with
                | true, others -> others.Add term
                | _ -> together[term.Loops] <- ResizeArray [ term ]

        let made =
            [| for term in terms do
                   if isConstant term then
                       let table = newTable name target [| term |]
                       table.SetConstant(constantValue term)
                       table
                   elif obj.ReferenceEquals(together[term.Loops][0], term) then
                       newTable name target (together[term.Loops].ToArray()) |]

        tables.AddRange made
        made

    member _.Analysis = analysis
    member _.Summands = summands
    /// Names on whose values the shape of the problem depends directly
    member _.Structural = summands.Structural
    member _.Tables = tables
    member _.Shared = shared
    member _.Rows = rows

    /// The tables of an expression's terms, in a scope.
    member _.NewTables(name: string, target: TemplateTarget, scope: Scope, direction: int, e: Expr) : TermTable[] =
        clock.Template(fun () -> makeTables (name, target, scope, direction, e))

    interface ILowering with
        member _.Lower(b, scope, direction, e) = expressions.Lower b scope direction e
        member this.NewTables(name, target, scope, direction, e) = this.NewTables(name, target, scope, direction, e)

        member _.NewTable(name, target, term) =
            let table = newTable name target [| term |]
            tables.Add table
            table
