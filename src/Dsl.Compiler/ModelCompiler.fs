namespace Optc.Compiler

open System
open System.Collections.Generic
open Optc.Parser
open Optc.Runtime.Problems
open Optc.Runtime.Solvers.Bilevel
open Optc.Runtime.Templates

type CompileOptions =
    { Kernels: KernelMode
      Kinks: Kinks
      RelaxIntegrality: bool
      /// norm2 with derivatives everywhere; else as written
      RoundNorms: bool
      /// Keeps what is needed to evaluate data again in place when parameters change
      Refreshable: bool }

    static member Default =
        { Kernels = Automatic
          Kinks = ExactOnly
          RelaxIntegrality = false
          RoundNorms = true
          Refreshable = false }

/// Where the numbers of a compiled problem belong in the model.
type CompiledModel =
    {
        Model: Model
        Problem: TemplateProblem
        /// None for a model without an objective
        Objective: (ObjectiveEntity * int) option
        /// Declared variables, fixed ones included: the first positions of the extended point
        DeclaredCount: int
        /// Auxiliary variables of epigraphs, after the declared ones
        AuxiliaryCount: int
        /// Position in the extended point of each problem variable; null when nothing is fixed
        FreePositions: int[] | null
        /// For each row its constraint and the position in the family; null for rows of epigraphs
        RowOwner: (ConstraintEntity | null)[]
        RowPosition: int[]
        /// What the terms without variables sum to: bodies are the problem's values plus this
        RowConstant: float[]
        /// Which side of a complementarity condition a row is: 1 the left, 2 the right, 0 for rows of their own
        RowSide: int[]
        /// The complementarity conditions, in the numbering of the problem, which itself holds each side alone
        Conditions: ComplementarityCondition[]
        ConditionOwner: ConstraintEntity[]
        ConditionPosition: int[]
        /// The bilevel program of a model with followers, whose constraints are rows of `Problem` too; null otherwise
        Bilevel: BilevelProblem | null
        Templates: Template[]
        /// The instances of stage templates in the order in which stage values are computed
        Schedule: StageRun[]
        /// Values of the declared variables and auxiliaries; those of fixed ones count
        Values: float[]
        /// -1 for a maximised objective, whose negative the problem minimises
        ObjectiveSign: int
        Kernels: KernelMode
        Descriptions: Templates.Description[]
        /// Curvature of each template in the variables, as far as it is known; found when first asked for
        Curvatures: Lazy<Curvature[]>
        /// Of the norms of a model that has some, where they are rounded; null otherwise
        Rounding: NormRounding | null
        StageCount: int
        /// Parameters and sets on which the shape of the problem depends: after a change of one of them it must be
        /// compiled again
        Structural: HashSet<string>
        /// Brings data, sides and bounds up to the parameters' present values; only of a refreshable problem
        Refresh: unit -> unit
        /// Things worth telling: constraints without variables that were dropped, …
        Notes: string list
        /// What the parts of the compilation took
        Clock: CompileClock
    }

module ModelCompiler =
    open Relations

    let private refuse span what remedy : 'a =
        Errors.failWithHint "unsupported" span what remedy

    let private checkFeatures (model: Model) (options: CompileOptions) =
        for entity in model.Entities do
            match entity with
            | :? LowerEntity as lower ->
                for c in model.Constraints do
                    match c.Body with
                    | Complements _ when c.Lower <> "" ->
                        refuse c.Span $"{c.Name} is a complementarity condition inside the lower problem {c.Lower}"
                            $"state it outside of {lower.Name}, as a condition of the leader, or the follower by its own conditions"
                    | _ -> ()
            | :? VarEntity as v when (v.IsInteger || v.IsBinary) && not options.RelaxIntegrality ->
                let kind = if v.IsBinary then "binary" else "integer"

                refuse
                    v.Span
                    $"variable {v.Name} is {kind}, and auglag has no integer support"
                    "`option relax_integrality 1;` solves the continuous relaxation"
            | _ -> ()

    let internal makeProblem (definition: TemplateProblemDefinition) : TemplateProblem =
        try
            TemplateProblem definition
        with :? EliminationTooLargeException as e ->
            refuse
                Span.None
                $"the second derivatives of this model are too dense: {e.Message}"
                "make the inner sum a variable of its own, with an equation that defines it"

    /// A condition bounds the variable on one of its sides: that of a follower would be the follower's bound.
    let private refuseChosen (model: Model) (followers: Followers) (free: int[] | null) (ownerOf: int[]) (conditions: ComplementarityCondition[]) (owners: ConstraintEntity[]) =
        let place (b: ComplementarityBody) = match free with null -> b.Index | free -> free[b.Index]

        conditions
        |> Array.iteri (fun k condition ->
            for body in [ condition.Bounded; condition.Other ] do
                if body.IsVariable && ownerOf[place body] >= 0 then
                    let follower = followers.All[ownerOf[place body]]

                    refuse owners[k].Span $"{owners[k].Name} is a condition on a variable that {follower.Name} chooses"
                        "declare a variable of the leader, equal to it by a constraint, and state the condition on that")

    /// The model as it stands (data, fixes, drops, objective in use) as a problem for solvers. Raises ModelError.
    let compile (model: Model) (evaluator: Evaluator) (options: CompileOptions) : CompiledModel =
        let clock = CompileClock()
        checkFeatures model options
        let declared = model.LayoutVariables()
        SlotPlace.checkCount declared
        // Wrong declarations of blocks are told whichever solver is wanted.
        Blocks(model, evaluator).OwnerOf |> ignore
        let notes = ResizeArray<string>()
        let rounding = NormRounding.Of options.RoundNorms
        let lowering = Lowering(model, evaluator, options.Kinks, rounding, options.Refreshable, clock)
        let owners, positions, sides = ConstraintRows.add model evaluator lowering notes ConstraintRows.isOrdinary
        let complementarity = ComplementarityRows(model, evaluator, lowering, owners, positions)
        complementarity.AddAll()

        let objective = model.CurrentObjective
        let mutable offset = 0.0

        let sign =
            match objective with
            | Some(entity, position) ->
                let sign = if entity.Sense = Maximize then -1 else 1

                match entity.Body with
                | Some body ->
                    let frame = Scope.NewFrame()

                    if entity.Arity > 0 then
                        entity.Domain.CopyTo(position, frame, 0)

                    let terms =
                        lowering.NewTables($"objective {entity.Name}", TemplateTarget.Objective, entity.Scope, sign, body)

                    let struct (constant, _) = lowering.Rows.Fill(0, terms, frame)
                    offset <- constant
                | None -> ()

                sign
            | None -> 1

        // The followers' objectives: tables of their own, with the follower's number as the row.
        let followers = if model.OfType<LowerEntity>() |> Seq.isEmpty then None else Some(Followers(model, evaluator))
        let valueTables, valueConstants = FollowerTerms.addObjectives lowering followers
        lowering.Shared.Complete()
        let auxiliaries = lowering.Rows.AuxiliaryStart.Count
        let total = declared + auxiliaries

        for _ in owners.Count .. lowering.Rows.Count - 1 do
            owners.Add null
            positions.Add -1

        // Bounds and start of the variables that are not fixed.
        let lower = ResizeArray<float>(total)
        let upper = ResizeArray<float>(total)
        let start = ResizeArray<float>(total)
        let free = ResizeArray<int>(total)
        let values: float[] = Array.zeroCreate total

        for v in model.Variables do
            let lo, hi, value = v.Lower, v.Upper, v.Value

            for k in 0 .. v.Domain.Count - 1 do
                if lo[k] > hi[k] then
                    Errors.fail "bounds-cross" v.Span $"variable {v.QuotedName k} has crossing bounds: {lo[k]} > {hi[k]}"

                values[v.Offset + k] <- value[k]

                if not (isSet v.IsFixed k) then
                    let struct (lo, hi) = complementarity.Bounds(v.Offset + k, bound lo[k], bound hi[k])
                    lower.Add lo
                    upper.Add hi
                    start.Add value[k]
                    free.Add(v.Offset + k)

        for k in 0 .. auxiliaries - 1 do
            lower.Add lowering.Rows.AuxiliaryLower[k]
            upper.Add infinity
            start.Add lowering.Rows.AuxiliaryStart[k]
            values[declared + k] <- lowering.Rows.AuxiliaryStart[k]
            free.Add(declared + k)

        let boundLower = lower.ToArray()
        let boundUpper = upper.ToArray()
        let built, schedule = ScheduledTemplates.build options.Kernels clock lowering declared (valueTables.Contains >> not)
        let templates = built |> Array.map (fun (template, _, _) -> template)
        let rowLower = lowering.Rows.Lower.ToArray()
        let rowUpper = lowering.Rows.Upper.ToArray()
        let freePositions = if free.Count = total then null else free.ToArray()

        let descriptions = built |> Array.map (fun (_, description, _) -> description)

        let proof =
            lazy
                (let extended (bounds: float[]) =
                    match freePositions with
                    | null -> bounds
                    | positions ->
                        let all = Array.copy values
                        positions |> Array.iteri (fun k position -> all[position] <- bounds[k])
                        all

                 ConvexityProof
                     { Templates = templates
                       Descriptions = descriptions
                       Schedule = schedule
                       StageCount = lowering.Shared.StageCount
                       Lower = extended boundLower
                       Upper = extended boundUpper
                       RowLower = rowLower
                       RowUpper = rowUpper
                       ObjectiveSign = sign
                       Parameters = None })

        let moved =
            Seq.init start.Count (fun k -> start[k] < lower[k] || start[k] > upper[k]) |> Seq.filter id |> Seq.length

        if moved > 0 then
            notes.Add $"the starting values of {moved} variables lie outside their bounds and are moved to them"

        let problem =
            makeProblem (
                TemplateProblemDefinition(
                    DeclaredCount = total,
                    StageCount = lowering.Shared.StageCount,
                    ConstraintCount = rowLower.Length,
                    Templates = templates,
                    Schedule = schedule,
                    FreePositions = freePositions,
                    DeclaredValues = values,
                    VariableLower = boundLower,
                    VariableUpper = boundUpper,
                    ConstraintLower = rowLower,
                    ConstraintUpper = rowUpper,
                    Start = start.ToArray(),
                    ObjectiveOffset = offset,
                    ObjectiveSign = sign,
                    Structure =
                        Classification.structure
                            objective.IsSome
                            (complementarity.Count > 0)
                            rowLower
                            rowUpper
                            free.Count
                            templates
                            // Data that change may change convexity: nothing is claimed of them.
                            (if options.Refreshable || complementarity.Count > 0 then None else Some proof)
                )
            )

        match rounding with
        | null -> ()
        | rounding ->
            rounding.Attach(problem, [| for template, description, _ in built do for cell in description.AdjustedCells -> struct (template.Data, cell) |])

        let owners = owners.ToArray()
        let positions = positions.ToArray()
        // Sides of conditions are not refreshed in place.
        lowering.Structural.UnionWith complementarity.Uses
        let structural = StructuralNames.all model lowering.Structural
        let frame = Scope.NewFrame()
        let variables = model.Variables

        let refresh () =
            for _, _, data in built do
                data.Run frame

            for struct (first, last, lower, upper) in sides do
                for row in first .. last - 1 do
                    match owners[row] with
                    | null -> ()
                    | c ->
                        if c.Arity > 0 then
                            c.Domain.CopyTo(positions[row], frame, 0)

                        rowLower[row] <- lower frame
                        rowUpper[row] <- upper frame

            let mutable k = 0

            for v in variables do
                let lo, hi = v.Lower, v.Upper

                for i in 0 .. v.Domain.Count - 1 do
                    if not (isSet v.IsFixed i) then
                        let struct (lo, hi) = complementarity.Bounds(v.Offset + i, bound lo[i], bound hi[i])
                        boundLower[k] <- lo
                        boundUpper[k] <- hi
                        k <- k + 1

            problem.SetConstraintSides(ReadOnlySpan rowLower, ReadOnlySpan rowUpper)
            problem.SetVariableBounds(ReadOnlySpan boundLower, ReadOnlySpan boundUpper)
            problem.DataChanged()

        let bilevel: BilevelProblem | null =
            match followers with
            | None -> null
            | Some followers ->
                let resolve = SlotPlace.resolve declared auxiliaries

                let valueTemplates =
                    [| for table in lowering.Tables do
                           if valueTables.Contains table then
                               for group in table.Groups do
                                   if group.Rows.Count > 0 then
                                       let template, description, _ =
                                           Templates.build options.Kernels clock table.Name TemplateTarget.Constraint group resolve [||]

                                       template, description |]

                let ownerOf, rowFollower =
                    FollowerTerms.ownership followers lowering declared templates (Array.map fst valueTemplates) schedule owners positions

                let conditions = complementarity.Conditions(freePositions, total)
                refuseChosen model followers freePositions ownerOf conditions complementarity.Owners

                Bilevel.problem
                    { Followers = followers.All
                      Conditions = conditions
                      Joint = problem
                      Templates = templates
                      Descriptions = descriptions
                      Schedule = schedule
                      StageCount = lowering.Shared.StageCount
                      ValueTemplates = valueTemplates
                      ValueConstants = valueConstants
                      OwnerOf = ownerOf
                      RowFollower = rowFollower
                      FreePositions = freePositions
                      Values = values
                      ObjectiveOffset = offset
                      ObjectiveSign = sign
                      Kernels = options.Kernels
                      Clock = clock }

        clock.Finish()

        { Model = model
          Problem = problem
          Objective = objective
          DeclaredCount = declared
          AuxiliaryCount = auxiliaries
          FreePositions = freePositions
          RowOwner = owners
          RowPosition = positions
          RowConstant = lowering.Rows.Constant.ToArray()
          RowSide = Array.init owners.Length complementarity.Side
          Conditions = complementarity.Conditions(freePositions, total)
          ConditionOwner = complementarity.Owners
          ConditionPosition = complementarity.Positions
          Bilevel = bilevel
          Templates = templates
          Schedule = schedule
          Values = values
          ObjectiveSign = sign
          Kernels = options.Kernels
          Descriptions = descriptions
          Curvatures = lazy proof.Value.Curvatures
          Rounding = (match rounding with null -> null | rounding -> if rounding.IsUsed then rounding else null)
          StageCount = lowering.Shared.StageCount
          Structural = structural
          Refresh = refresh
          Notes = List.ofSeq notes
          Clock = clock }
