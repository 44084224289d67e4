namespace Optc.Compiler

open System
open Optc.Runtime.Problems
open Optc.Runtime.Solution
open Optc.Runtime.Solvers
open Optc.Runtime.Solvers.Admm
open Optc.Runtime.Solvers.AugmentedLagrangian

/// The solver `admm` for models with cones: the cone program's solution as one of the model. Rows of the model are linear rows of the cone program, with the
/// same multipliers.
module ConeSolving =
    /// Share of the largest entry of a norm's cone below which the norm stands at its tip, where it has no gradient.
    let private tip = 1e-6

    /// Whether a norm stands at its tip; one with a constant among its entries has none.
    let private hasTip (model: ConeModel) (x: float[]) =
        let value (form: ConeForm) =
            form.Terms |> Seq.fold (fun sum p -> sum + p.Value * x[p.Key]) form.Constant

        model.Cones
        |> Array.exists (fun cone -> 
            cone.Kind = ConeKind.SecondOrder
            && cone.What = "norm"
            && value cone.Forms[0] <= tip
            && cone.Forms |> Array.forall (fun form -> form.Constant = 0.0 || form.Terms.Count > 0))

    let private summary (cones: ConeRecord[]) =
        let count kind name =
            match cones |> Array.filter (fun c -> c.Kind = kind) |> Array.length with
            | 0 -> []
            | 1 -> [ $"1 {name} cone" ]
            | k -> [ $"{k} {name} cones" ]

        match count ConeKind.SecondOrder "second-order" @ count ConeKind.Exponential "exponential" with
        | [] -> "linear rows alone"
        | kinds -> String.Join(" and ", kinds)

    let private answer (model: ConeModel) (options: AdmmOptions) (problem: INlpProblem) (found: ConeResult) (seconds: float) : SolveResult =
        let n, m = problem.VariableCount, problem.ConstraintCount
        let x = Array.sub found.X 0 n
        let y = Array.sub found.RowMultipliers 0 m
        let z = Array.sub found.BoundMultipliers 0 n
        let values: float[] = Array.zeroCreate m
        problem.Constraints(ReadOnlySpan x, Span values)
        let own = KktResiduals.Of(problem, ReadOnlySpan x, ReadOnlySpan y, ReadOnlySpan z)
        let r = found.Residuals
        let isTip = not (own.Largest <= options.Tolerance) && hasTip model found.X

        let residuals =
            if isTip then
                Residuals(max own.Feasibility r.RelativePrimal, r.RelativeDual, r.RelativeGap)
            else
                own

        let status =
            match found.Status with
            | SolveStatus.Solved when not (residuals.Largest <= options.Tolerance) ->
                if residuals.Largest <= options.AcceptableTolerance then SolveStatus.SolvedToAcceptable else SolveStatus.NumericalFailure
            | status -> status

        SolveResult(
            Status = status,
            Message = found.Message,
            Note =
                $"solved as a program with {summary model.Cones}"
                + (if isTip then "; a norm is zero, where it has no gradient: stationarity is that of the cones" else ""),
            Point = x,
            Objective = problem.Objective(ReadOnlySpan x),
            ConstraintValues = values,
            ConstraintMultipliers = y,
            BoundMultipliers = z,
            Residuals = residuals,
            WorstConstraints =
                ([| 0 .. m - 1 |]
                 |> Array.map (fun i -> struct (KktResiduals.Violation(values[i], problem.ConstraintLower[i], problem.ConstraintUpper[i]), i))
                 |> Array.filter (fun (struct (size, _)) -> size > options.Tolerance)
                 |> Array.sortByDescending (fun (struct (size, _)) -> size)
                 |> Array.truncate 10
                 |> Array.map (fun (struct (_, i)) -> i)),
            OuterIterations = found.SplittingIterations,
            InnerIterations = found.FinishIterations,
            Seconds = seconds
        )

    /// The solution of the cones leaves the derivatives of curved terms with the root of its gap: Newton's method on the model itself takes them to the tolerance. Its
    /// answer is taken when it is the same solution.
    let private finish (problem: INlpProblem) (options: AdmmOptions) (request: SolveRequest) cancellation (found: SolveResult) : SolveResult =
        let own = AugmentedLagrangianOptions(Tolerance = options.Tolerance, AcceptableTolerance = options.AcceptableTolerance)

        let start =
            SolveRequest(
                Start = found.Point,
                ConstraintMultipliers = found.ConstraintMultipliers,
                BoundMultipliers = found.BoundMultipliers,
                TimeLimit = max 0.0 (request.TimeLimit - found.Seconds),
                Seed = request.Seed
            )

        let exact = AugmentedLagrangianSolver(own).Solve(problem, start, cancellation)

        if exact.Status = SolveStatus.Solved && abs (exact.Objective - found.Objective) <= 1e-6 * (1.0 + abs found.Objective) then
            exact.Note <- found.Note + $", then {exact.InnerIterations} Newton steps on the model itself"
            exact.Message <- found.Message
            exact.CountToo found.Effort
            exact.Seconds <- exact.Seconds + found.Seconds
            exact
        else
            found

    /// The solver of the compiled model.
    let solver (compiled: CompiledModel) (options: AdmmOptions) : ISolver =
        let model = lazy (match ConeRecognition.tryBuild compiled with Ok model -> model | Result.Error d -> raise (ModelError d))

        { new ISolver with
            member _.Name = "admm"

            member _.Solve(problem, request, cancellation) =
                let began = Diagnostics.Stopwatch.GetTimestamp()
                let found = ConeSolver(model.Value.Program, options).Solve(request, cancellation)
                let result = answer model.Value options problem found (Diagnostics.Stopwatch.GetElapsedTime(began).TotalSeconds)

                if found.Status = SolveStatus.Solved && result.Status <> SolveStatus.Solved && options.Finish then
                    finish problem options request cancellation result
                else
                    result }
