namespace Optc.Compiler

open System
open Optc.Parser
open Optc.Runtime.Solution
open Optc.Runtime.Solvers
open Optc.Runtime.Solvers.CoordinateDescent

/// `lmax` of a `path`: the least value of its parameter λ at which all variables with a penalty λ w |b| are zero. There the others are at
/// their optimum beside zeros, and |∂f/∂b| ≤ λ w, one-sided at bounds.
module CompositeLargest =
    let private fail span why hint =
        Errors.failWithHint "path" span $"lmax cannot be found: {why}" hint

    /// `give` sets the parameter, whose name stands at the span.
    let find (model: Model) (evaluator: Evaluator) (span: Span) (give: float -> unit) : float =
        let memory = CompositeMemory()

        let at value =
            give value
            CompositeSplit(model, evaluator, memory).Build(false).Problem

        let problem = at 1.0
        let penalty = problem.Penalty
        let weights = Array.copy penalty.L1
        let squares = Array.copy penalty.L2
        let linear = Array.copy penalty.Linear
        let doubled = at 2.0

        if not (obj.ReferenceEquals(problem, doubled)) then
            fail span "the loss depends on the parameter of the path" "give the ends of the path as numbers"

        let isTwice j = abs (penalty.L1[j] - 2.0 * weights[j]) <= 1e-12 * penalty.L1[j]

        for j in 0 .. weights.Length - 1 do
            if not (isTwice j) || penalty.Linear[j] <> linear[j] || (weights[j] = 0.0 && penalty.L2[j] <> squares[j]) then
                fail span $"the penalty of {ModelNames.quoted model j} is not the parameter times a weight times abs" "give the ends of the path as numbers"

            if weights[j] > 0.0 && (penalty.Lower[j] > 0.0 || penalty.Upper[j] < 0.0) then
                fail span $"{ModelNames.quoted model j} cannot be zero" "give the ends of the path as numbers"

        if Array.forall ((=) 0.0) weights then
            fail span "the parameter is not the factor of abs of any variable" "give the ends of the path as numbers"

        let lower, upper = Array.copy penalty.Lower, Array.copy penalty.Upper

        for j in 0 .. weights.Length - 1 do
            if weights[j] > 0.0 then
                penalty.Lower[j] <- 0.0
                penalty.Upper[j] <- 0.0

        let solver = CompositeSolver(problem, CompositeOptions())
        let result = solver.Solve(SolveRequest())

        if result.Status <> SolveStatus.Solved && result.Status <> SolveStatus.SolvedToAcceptable then
            fail span $"with all penalised variables at zero: {result.Message}" "give the ends of the path as numbers"

        let gradient = solver.FullGradient()
        let mutable largest = 0.0

        for j in 0 .. weights.Length - 1 do
            if weights[j] > 0.0 then
                let q = gradient[j] + linear[j]
                let down = if lower[j] < 0.0 then q / weights[j] else 0.0
                let up = if upper[j] > 0.0 then -q / weights[j] else 0.0
                largest <- max largest (max down up)

        largest
