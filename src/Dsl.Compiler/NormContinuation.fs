namespace Optc.Compiler

open System
open System.Globalization
open Optc.Runtime.Solution
open Optc.Runtime.Solvers
open Optc.Runtime.Solvers.AugmentedLagrangian
open Optc.Runtime.Solvers.Inner

/// Solves models with norm2. Where no norm vanishes at the answer, the least rounding is no harder than the norm itself. Where some do,
/// Newton's method converges only from very near: it follows the solutions from a large rounding to the least one
/// (R. H. Chan, T. F. Chan, H. M. Zhou, Continuation method for total variation denoising problems, 1995).
module NormContinuation =
    /// Inner iterations before the first try is given up
    let private patience = 100

    /// Inner iterations for each rounding on the way to the least
    let private stagePatience = 300

    let private largest = 1.0

    /// Whether a status may change when the norms are followed.
    let private isOpen (result: SolveResult) =
        match result.Status with
        | SolveStatus.IterationLimit
        | SolveStatus.NumericalFailure
        | SolveStatus.EvaluationError -> true
        | _ -> false

    let private isSolved (result: SolveResult) =
        result.Status = SolveStatus.Solved || result.Status = SolveStatus.SolvedToAcceptable

    /// Whether nothing is left to go on with.
    let private isSpent (options: AugmentedLagrangianOptions) (result: SolveResult) =
        result.InnerIterations >= options.MaxInnerIterations
        || result.Status = SolveStatus.TimeLimit
        || result.Status = SolveStatus.Interrupted

    /// What the solve of one rounding says of itself, said of all.
    let private ofAll (result: SolveResult) (seconds: float) =
        result.Seconds <- seconds

        match result.Status with
        | SolveStatus.IterationLimit -> result.Message <- $"Stopped after {result.InnerIterations} inner and {result.OuterIterations} outer iterations."
        | SolveStatus.TimeLimit ->
            let text = seconds.ToString("G3", CultureInfo.InvariantCulture)
            result.Message <- $"Stopped after {text} seconds."
        | _ -> ()

        result

    /// The options with a limit on inner iterations, of which some are used up.
    let private limited (options: AugmentedLagrangianOptions) (limit: int) (used: int) =
        let left = max 0 (min limit (options.MaxInnerIterations - used))
        AugmentedLagrangianOptions.Table.With(options, "max_inner", string left)

    /// The request from where an earlier solve ended, or from its own start, with the time that is left.
    let private after (request: SolveRequest) (seconds: float) (from: SolveResult | null) =
        let left = max 0.0 (request.TimeLimit - seconds)

        let point, multipliers, boundMultipliers =
            match from with
            | null -> request.Start, request.ConstraintMultipliers, request.BoundMultipliers
            | from -> from.Point, from.ConstraintMultipliers, from.BoundMultipliers

        SolveRequest(
            Start = point,
            ConstraintMultipliers = multipliers,
            BoundMultipliers = boundMultipliers,
            TimeLimit = left,
            Clock = request.Clock,
            Progress = request.Progress,
            Seed = request.Seed
        )

    /// Solves with the least rounding; `solve` runs a solver with options.
    let solve (rounding: NormRounding) (options: AugmentedLagrangianOptions) (request: SolveRequest) (solve: AugmentedLagrangianOptions -> SolveRequest -> SolveResult) : SolveResult =
        let first = solve (limited options patience 0) request

        // Other inner methods have rows of their own, with the least rounding.
        // Nor is a way begun for which no iterations are left.
        if not (isOpen first) || isSpent options first || (options.Inner <> InnerMethod.Auto && options.Inner <> InnerMethod.Newton) then
            first
        else
            let newton = AugmentedLagrangianOptions.Table.With(options, "inner", "newton")
            let mutable seconds = first.Seconds
            let mutable last = first
            let mutable reached: SolveResult | null = null
            let mutable delta = largest
            let mutable goesOn = true

            try
                while goesOn do
                    // What holds for another rounding is no answer: a point at which everything is used up is measured with the least one.
                    let isOver = isSpent options last
                    let isLast = isOver || delta <= NormRounding.Least
                    rounding.Set(if isLast then NormRounding.Least else delta)

                    let next =
                        if isOver then
                            solve (AugmentedLagrangianOptions.Table.With(limited newton 0 0, "fast_finish", "no")) (after request seconds last)
                        else
                            solve (limited newton (if isLast then Int32.MaxValue else stagePatience) last.InnerIterations) (after request seconds reached)

                    seconds <- seconds + next.Seconds
                    next.CountToo last.Effort
                    last <- next

                    // A large rounding may leave no feasible point: the next one starts where the last good one ended.
                    if isSolved next then
                        reached <- next

                    goesOn <- not isLast
                    delta <- max NormRounding.Least (0.1 * delta)
            finally
                rounding.Set NormRounding.Least

            ofAll last seconds
