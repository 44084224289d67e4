namespace Optc.Compiler

open System
open System.Collections.Generic
open Optc.Parser
open Optc.Runtime.Problems
open Optc.Runtime.Solvers.Sensitivity
open Optc.Runtime.Templates

/// A model with one of its parameters as variables, so that derivatives with respect to it come from templates like all others.
type ParametricModel =
    {
        Parameter: ParamEntity
        Parametric: ParametricProblem
        /// Column of the first entry of the parameter; the others follow
        FirstColumn: int
        /// Columns of the model's own problem
        ColumnOf: int[]
        /// Rows of the model's own problem
        RowOf: int[]
        /// Constraint and position of each row; null for rows of epigraphs and for sides
        RowOwner: (ConstraintEntity | null)[]
        RowPosition: int[]
        /// Whether an entry has a value
        HasValue: bool[]
        Values: float[]
    }

module ParametricCompiler =
    let private mirrored (op: BinaryOp) =
        match op with
        | LessOrEqual -> GreaterOrEqual
        | LessThan -> GreaterThan
        | GreaterOrEqual -> LessOrEqual
        | GreaterThan -> LessThan
        | other -> other

    /// Constraints whose left side alone is data: their bodies are the right sides, as in the model's own problem.
    let private flipped (model: Model) : HashSet<string> =
        let analysis = Analysis model

        HashSet(
            seq {
                for c in model.Constraints do
                    match c.Body with
                    | Relation(x, _, y) when analysis.IsData x && not (analysis.IsData y) -> c.Name
                    | _ -> ()
            }
        )

    let internal like (source: Entity) (copy: Entity) =
        copy.Arity <- source.Arity
        copy.Scope <- source.Scope
        copy.Uses.UnionWith source.Uses
        copy.DomainUses.UnionWith source.DomainUses
        copy.DomainSource <- fun () -> source.Domain

    let private values (p: ParamEntity) : float[] * bool[] =
        let count = p.Domain.Count

        let found =
            Array.init count (fun k ->
                try
                    struct (p.Number k, true)
                with ModelError _ ->
                    struct (0.0, false))

        Array.map (fun (struct (value, _)) -> value) found, Array.map (fun (struct (_, has)) -> has) found

    /// Bounds of variables that depend on parameters, one on each side of a variable.
    let private movingBounds (analysis: Analysis) (v: VarEntity) : (bool * Expr) list =
        let side pick = v.Attributes |> List.choose (fst >> pick)
        let lower = side (function LowerBound e -> Some e | InInterval(a, _) -> Some a | _ -> None)
        let upper = side (function UpperBound e -> Some e | InInterval(_, b) -> Some b | _ -> None)

        [ for isUpper, all in [ false, lower; true, upper ] do
              if List.exists analysis.DependsOnVariables all then
                  match all with
                  | [ e ] -> isUpper, e
                  | _ -> ParameterUses.refuse v.Span $"variable {v.Name} has several bounds on one side, one of which depends on the parameter" ]

    let private build (model: Model) (options: CompileOptions) (original: CompiledModel) (p: ParamEntity) (entries: VarEntity) (flipped: HashSet<string>) affected =
        let evaluator = Evaluator model
        let surroundings = VariableEvaluation(evaluator, Trail())

        for entity in model.Entities do
            match entity with
            | :? DefinedVarEntity as d when (affected: HashSet<string>).Contains d.Name -> surroundings.Attach d
            | _ -> ()

        let clock = CompileClock()
        let declared = model.LayoutVariables()
        SlotPlace.checkCount declared
        let lowering = Lowering(model, evaluator, options.Kinks, NormRounding.Of options.RoundNorms, false, clock)
        let analysis = lowering.Analysis
        let owners = ResizeArray<ConstraintEntity | null>()
        let positions = ResizeArray<int>()
        let moving = ResizeArray<MovingSide>()
        let frame = Scope.NewFrame()

        let addRow owner position lower upper constant =
            lowering.Rows.Add(lower, upper, constant)
            owners.Add owner
            positions.Add position

        /// A row without sides whose body is the side; the frame holds the instance.
        let addSide ofRow index isUpper (terms: Lazy<TermTable[]>) =
            let row = owners.Count
            let struct (constant, hasVariables) = lowering.Rows.Fill(row, terms.Value, frame)

            if hasVariables then
                addRow null -1 -infinity infinity constant
                moving.Add(MovingSide(ofRow, index, isUpper, row))

        let tablesOf name scope direction (e: Expr) =
            lazy (lowering.NewTables(name, TemplateTarget.Constraint, scope, direction, e))

        for c in model.Constraints do
            if c.Lower = "" then
                let row =
                    match c.Body with
                    | Relation(x, op, y) when flipped.Contains c.Name -> Relations.relation analysis c y (mirrored op) x
                    | Relation(x, op, y) -> Relations.relation analysis c x op y
                    | DoubleRelation(x, op, body, _, y) -> Relations.between x op body y
                    | Complements _ -> invalidOp "models with complementarity conditions are refused before"

                let side (e: Expr option) otherwise =
                    match e with
                    | Some e ->
                        let value = evaluator.Number(c.Scope, e)
                        fun frame -> Relations.bound (value frame)
                    | None -> fun _ -> otherwise

                let lower, upper = side row.Lower -infinity, side row.Upper infinity
                let terms = tablesOf $"constraint {c.Name}" c.Scope row.Direction row.Body

                let sides =
                    [ for isUpper, e in [ false, row.Lower; true, row.Upper ] do
                          match e with
                          | Some e when analysis.DependsOnVariables e -> isUpper, tablesOf $"side of {c.Name}" c.Scope 0 e
                          | _ -> () ]

                for position in 0 .. c.Domain.Count - 1 do
                    if not (Relations.isSet c.Dropped position) then
                        if c.Arity > 0 then
                            c.Domain.CopyTo(position, frame, 0)

                        let lo, hi = lower frame, upper frame
                        let index = owners.Count
                        let struct (constant, hasVariables) = lowering.Rows.Fill(index, terms.Value, frame)

                        if hasVariables || not sides.IsEmpty then
                            addRow c position lo hi constant

                            for isUpper, terms in sides do
                                addSide true index isUpper terms

        // Columns: the model's own declared variables, the parameter, auxiliaries of epigraphs.
        let isEntries (v: VarEntity) = obj.ReferenceEquals(v, entries)
        let lower, upper, start = ResizeArray<float>(), ResizeArray<float>(), ResizeArray<float>()
        let free = ResizeArray<int>()
        let mutable firstColumn = 0

        for v in model.Variables do
            if isEntries v then
                firstColumn <- free.Count

            let bounds = movingBounds analysis v |> List.map (fun (isUpper, e) -> isUpper, tablesOf $"bound of {v.Name}" v.Scope 0 e)

            for k in 0 .. v.Domain.Count - 1 do
                if not (Relations.isSet v.IsFixed k) then
                    let column = free.Count
                    lower.Add(if isEntries v then -infinity else Relations.bound v.Lower[k])
                    upper.Add(if isEntries v then infinity else Relations.bound v.Upper[k])
                    start.Add v.Value[k]
                    free.Add(v.Offset + k)

                    if not bounds.IsEmpty then
                        if v.Arity > 0 then
                            v.Domain.CopyTo(k, frame, 0)

                        for isUpper, terms in bounds do
                            addSide false column isUpper terms

        let mutable offset = 0.0

        let sign =
            match model.CurrentObjective with
            | Some(entity, position) ->
                let sign = if entity.Sense = Maximize then -1 else 1

                match entity.Body with
                | Some body ->
                    if entity.Arity > 0 then
                        entity.Domain.CopyTo(position, frame, 0)

                    let terms = lowering.NewTables($"objective {entity.Name}", TemplateTarget.Objective, entity.Scope, sign, body)
                    let struct (constant, _) = lowering.Rows.Fill(0, terms, frame)
                    offset <- constant
                | None -> ()

                sign
            | None -> 1

        lowering.Shared.Complete()
        let firstEpigraph = owners.Count
        let auxiliaries = lowering.Rows.AuxiliaryStart.Count
        let rowCount = lowering.Rows.Count

        for _ in firstEpigraph .. rowCount - 1 do
            owners.Add null
            positions.Add -1

        for k in 0 .. auxiliaries - 1 do
            lower.Add lowering.Rows.AuxiliaryLower[k]
            upper.Add infinity
            start.Add lowering.Rows.AuxiliaryStart[k]
            free.Add(declared + k)

        let structural = StructuralNames.all model lowering.Structural

        match affected |> Seq.tryFind structural.Contains with
        | Some name -> ParameterUses.refuse p.Span $"parameter {name} shapes the model: sets, subscripts, conditions or exponents depend on it"
        | None -> ()

        let epigraphs = original.RowOwner |> Array.sumBy (fun owner -> if isNull owner then 1 else 0)

        if auxiliaries <> original.AuxiliaryCount || rowCount - firstEpigraph <> epigraphs then
            ParameterUses.refuse p.Span $"parameter {p.Name} stands in a kink (abs, min, max or <<>>), where derivatives may jump"

        let built, schedule = ScheduledTemplates.build options.Kernels clock lowering declared (fun _ -> true)
        let point: float[] = Array.zeroCreate (declared + auxiliaries)

        for v in model.Variables do
            v.Value.CopyTo(point, v.Offset)

        let count = free.Count

        let problem =
            ModelCompiler.makeProblem (
                TemplateProblemDefinition(
                    DeclaredCount = point.Length,
                    StageCount = lowering.Shared.StageCount,
                    ConstraintCount = rowCount,
                    Templates = (built |> Array.map (fun (template, _, _) -> template)),
                    Schedule = schedule,
                    FreePositions = (if count = point.Length then null else free.ToArray()),
                    DeclaredValues = point,
                    VariableLower = lower.ToArray(),
                    VariableUpper = upper.ToArray(),
                    ConstraintLower = lowering.Rows.Lower.ToArray(),
                    ConstraintUpper = lowering.Rows.Upper.ToArray(),
                    Start = start.ToArray(),
                    ObjectiveOffset = offset,
                    ObjectiveSign = sign,
                    Structure = ProblemStructure.General
                )
            )

        let rowByKey = Dictionary<struct (string * int), int>()

        for row in 0 .. firstEpigraph - 1 do
            match owners[row] with
            | null -> ()
            | c -> rowByKey[struct (c.Name, positions[row])] <- row

        let mutable epigraph = firstEpigraph

        let rowOf =
            original.RowOwner
            |> Array.mapi (fun i owner ->
                match owner with
                | null ->
                    epigraph <- epigraph + 1
                    epigraph - 1
                | c -> rowByKey[struct (c.Name, original.RowPosition[i])])

        let entryCount = entries.Domain.Count
        let isParameter = Array.init count (fun j -> j >= firstColumn && j < firstColumn + entryCount)
        let columnOf = Array.init original.Problem.VariableCount (fun j -> if j < firstColumn then j else j + entryCount)

        { Parameter = p
          Parametric = ParametricProblem(problem, isParameter, moving.ToArray())
          FirstColumn = firstColumn
          ColumnOf = columnOf
          RowOf = rowOf
          RowOwner = owners.ToArray()
          RowPosition = positions.ToArray()
          HasValue = [||]
          Values = [||] }

    /// The model as it stands with all entries of a parameter as variables, beside its own compiled problem. Raises ModelError
    /// where the parameter shapes the model or decides conditions.
    let compile (model: Model) (options: CompileOptions) (original: CompiledModel) (p: ParamEntity) : ParametricModel =
        if original.Conditions.Length > 0 then
            Errors.failWithHint "sensitivity" original.ConditionOwner[0].Span "derivatives of models with complementarity conditions are not available"
                "solve again with the parameter changed a little"

        if not (isNull original.Bilevel) then
            Errors.failWithHint "sensitivity" p.Span "derivatives of models with followers are not available" "solve again with the parameter changed a little"

        let analysis = Analysis model
        let followers = ParameterUses.followers model analysis p
        let affected = HashSet<string>(p.Name :: [ for q, _ in followers -> q.Name ])
        ParameterUses.checkUses model analysis affected followers
        let flipped = flipped model
        let values, hasValue = values p
        let entries = VarEntity(p.Name, p.Span, p.Indexing, [])
        like p entries
        entries.ComputeBounds <- fun () -> struct (Array.create values.Length -infinity, Array.create values.Length infinity)
        entries.ComputeStart <- fun () -> Array.copy values

        let substitutes: Entity list =
            [ for q, formula in followers do
                  let defined = DefinedVarEntity(q.Name, q.Span, q.Indexing, formula)
                  like q defined
                  defined.Cycle <- q.Cycle
                  defined :> Entity
              // Last: the places of the model's own variables stay.
              entries :> Entity ]

        try
            let made =
                try
                    model.With(substitutes, fun () -> build model { options with Refreshable = false } original p entries flipped affected)
                finally
                    model.LayoutVariables() |> ignore

            { made with HasValue = hasValue; Values = values }
        with ModelError d when d.Code <> "sensitivity" ->
            ParameterUses.refuse d.Span $"parameter {p.Name} enters a formula without derivatives in it: {d.Message}"
