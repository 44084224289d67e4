namespace Optc.Compiler

open System
open System.Collections.Generic
open Optc.Parser
open Optc.Runtime.Templates

/// A model for export: all its objectives and rows as templates of the functions as they are written.
type NlSource =
    {
        Model: Model
        /// Declared variables; stage values stand behind them in the extended point
        Declared: int
        /// The one in use first
        Objectives: (ObjectiveEntity * int)[]
        /// What the terms without variables sum to
        ObjectiveConstant: float[]
        RowOwner: ConstraintEntity[]
        RowPosition: int[]
        /// Sides less the terms without variables
        RowLower: float[]
        RowUpper: float[]
        Complements: NlComplement[]
        Auxiliaries: NlAuxiliary[]
        /// Bounds of declared variables that complementarity narrows
        Tightened: IReadOnlyDictionary<int, struct (float * float)>
        Templates: (Template * Templates.Description)[]
        /// Stage values, each behind those it needs
        StageOrder: int[]
        Notes: string list
    }

module NlSource =
    let private checkFeatures (model: Model) =
        for entity in model.Entities do
            match entity with
            | :? LowerEntity as lower ->
                Errors.failWithHint "unsupported" lower.Span $"lower problem {lower.Name}: a .nl file holds one problem, without followers"
                    "write the follower's optimality conditions as constraints, with `complements`"
            | _ -> ()

    /// The leader's objectives that are not dropped, the one in use first.
    let private objectives (model: Model) : (ObjectiveEntity * int)[] =
        [| match model.CurrentObjective with
           | None -> ()
           | Some(current, currentPosition) ->
               current, currentPosition

               for o in model.Objectives do
                   if o.Lower = "" then
                       for k in 0 .. o.Domain.Count - 1 do
                           let isCurrent = obj.ReferenceEquals(o, current) && k = currentPosition

                           if not isCurrent && not (Relations.isSet o.Dropped k) then
                               o, k |]

    /// Adds the terms of the objectives; their constants.
    let private addObjectives (lowering: Lowering) (objectives: (ObjectiveEntity * int)[]) : float[] =
        let tables = Dictionary<string, TermTable[]>()
        let frame = Scope.NewFrame()

        objectives
        |> Array.mapi (fun k (entity, position) ->
            match entity.Body with
            | None -> 0.0
            | Some body ->
                if entity.Arity > 0 then
                    entity.Domain.CopyTo(position, frame, 0)

                let terms =
                    match tables.TryGetValue entity.Name with
                    | true, known -> known
                    | _ ->
                        let made = lowering.NewTables($"objective {entity.Name}", TemplateTarget.Objective, entity.Scope, 0, body)
                        tables[entity.Name] <- made
                        made

                let struct (constant, _) = lowering.Rows.Fill(k, terms, frame)
                constant)

    let private stageOrder (count: int) (templates: Template[]) (schedule: StageRun[]) : int[] =
        let seen: bool[] = Array.zeroCreate count
        let order = ResizeArray<int>(count)

        for run in schedule do
            for i in run.Start .. run.End - 1 do
                let stage = templates[run.Template].Row[i]

                if not seen[stage] then
                    seen[stage] <- true
                    order.Add stage

        // A sum over nothing has no instance and needs no other value.
        Array.append
            [| for stage in 0 .. count - 1 do
                   if not seen[stage] then
                       stage |]
            (order.ToArray())

    /// The model as it stands: data, fixes, drops, objective in use. Raises ModelError.
    let make (model: Model) (evaluator: Evaluator) : NlSource =
        checkFeatures model
        let declared = model.LayoutVariables()
        SlotPlace.checkCount declared
        let notes = ResizeArray<string>()
        let clock = CompileClock()
        let lowering = Lowering(model, evaluator, AsWritten, null, false, clock)

        let isRow (c: ConstraintEntity) =
            match c.Body with
            | Complements _ -> false
            | _ -> true

        let owners, positions, _ = ConstraintRows.add model evaluator lowering notes isRow
        let complementarity = NlComplementarity(model, evaluator, lowering, declared, owners, positions)

        for c in model.Constraints do
            match c.Body with
            | Complements(first, second) when c.Lower = "" -> complementarity.Add(c, first, second)
            | _ -> ()

        let objectives = objectives model
        let constants = addObjectives lowering objectives
        lowering.Shared.Complete()

        // No kernel is run, so none is compiled.
        let options =
            { CompileOptions.Default with
                Kernels = Interpreted
                Kinks = AsWritten }

        let built, schedule = ScheduledTemplates.build options.Kernels clock lowering declared (fun _ -> true)
        let templates = built |> Array.map (fun (template, description, _) -> template, description)

        { Model = model
          Declared = declared
          Objectives = objectives
          ObjectiveConstant = constants
          RowOwner = owners.ToArray() |> Array.map nonNull
          RowPosition = positions.ToArray()
          RowLower = lowering.Rows.Lower.ToArray()
          RowUpper = lowering.Rows.Upper.ToArray()
          Complements = complementarity.Complements.ToArray()
          Auxiliaries = complementarity.Auxiliaries.ToArray()
          Tightened = complementarity.Tightened
          Templates = templates
          StageOrder = stageOrder lowering.Shared.StageCount (Array.map fst templates) schedule
          Notes = List.ofSeq notes }
