namespace Optc.Compiler

open System
open Optc.Runtime.Solvers
open Optc.Runtime.Solvers.Consensus
open Optc.Runtime.Templates

/// Draws from the density exp(−objective), or exp(objective) of a maximised one.
module Sampling =
    /// The blocks that the model declares; without any, the model as one part.
    let private split (compiled: CompiledModel) (evaluator: Evaluator) : ConsensusProblem =
        let problem = compiled.Problem

        match (if BlockSolving.hasBlocks compiled.Model then BlockSolving.trySplit compiled evaluator else None) with
        | Some split -> split.Problem
        | None ->
            let variables = Array.init problem.VariableCount id
            let rows = Array.init problem.ConstraintCount id
            ConsensusProblem(problem, [||], BlockDefinition("the model", problem, variables, rows, variables, variables))

    let private require (compiled: CompiledModel) =
        if compiled.Conditions.Length > 0 then
            let c = compiled.ConditionOwner[0]
            Errors.failWithHint "sample" c.Span $"{c.Name} is a complementarity condition, and a density is given by an objective alone" "leave it out"

        match Seq.tryHead (compiled.Model.OfType<LowerEntity>()) with
        | Some lower -> Errors.failWithHint "sample" lower.Span $"{lower.Name} is a lower problem, and a density is given by an objective alone" "leave it out"
        | None -> ()

        if compiled.AuxiliaryCount > 0 then
            EngineSettings.fail "sample" "this model cannot be drawn from: it has kinks (abs, max, min)" (Some "the terms of a density must be smooth: write huber, or log(cosh(t)), for abs(t)")

        if not (compiled.Templates |> Array.exists (fun t -> t.Target = TemplateTarget.Objective && t.InstanceCount > 0)) then
            EngineSettings.fail "sample" "the model has no objective to draw from" (Some "minimize the negative logarithm of the density, or maximize its logarithm")

    /// The draws and the names of their variables. Raises ModelError.
    let run (compiled: CompiledModel) (evaluator: Evaluator) (given: EngineOptions) (options: SamplingOptions) : string[] * SamplingResult =
        require compiled
        let problem = split compiled evaluator

        let obstacle = ConsensusSampler.Obstacle problem

        if obstacle.HasValue then
            let struct (what, remedy) = obstacle.Value
            EngineSettings.fail "sample" $"this model cannot be drawn from: {what}" (Some remedy)

        let sampler =
            try
                ConsensusSampler options
            with :? ArgumentException as e ->
                EngineSettings.fail "sample" e.Message None

        let request = SolveRequest(TimeLimit = given.TimeLimit, Progress = given.Progress, Seed = given.Seed)

        try
            let result = sampler.Sample(problem, request, max 1 given.Threads, given.Cancellation)
            Array.map (ModelNames.variable compiled) result.Variables, result
        with :? InvalidOperationException as e ->
            EngineSettings.fail "sample" e.Message None
