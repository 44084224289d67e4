using Optc.Runtime.Problems;
using Optc.Runtime.Solution;

namespace Optc.Runtime.Solvers;

/// <summary>A solver family. Instances hold the workspace for one problem pattern and may solve again and again.</summary>
public interface ISolver
{
    /// <summary>The name used on the command line, such as <c>auglag</c>.</summary>
    string Name { get; }

    /// <summary>Solves; hitting a limit or cancellation is a status, never an exception.</summary>
    SolveResult Solve(INlpProblem problem, SolveRequest request, CancellationToken cancellation = default);
}

/// <summary>What one solve is given besides the problem.</summary>
public sealed class SolveRequest
{
    /// <summary>Starting point (n); null for the problem's own.</summary>
    public double[]? Start { get; init; }

    /// <summary>Starting multipliers of the constraints (m); null for zero.</summary>
    public double[]? ConstraintMultipliers { get; init; }

    /// <summary>Starting multipliers of the bounds (n); null for zero.</summary>
    public double[]? BoundMultipliers { get; init; }

    /// <summary>Seconds of wall time.</summary>
    public double TimeLimit { get; init; } = double.PositiveInfinity;

    /// <summary>The clock that the time limit is measured by; the system's unless a program has another.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Called after every iteration, on the solving thread.</summary>
    public Action<IterationRecord>? Progress { get; init; }

    /// <summary>Seed of everything random.</summary>
    public int Seed { get; init; } = 1;
}

/// <summary>One line of a trace: the state after an iteration.</summary>
/// <param name="Outer">Outer iteration, from 0.</param>
/// <param name="Inner">Inner iterations so far.</param>
/// <param name="Objective">f(x), unscaled.</param>
/// <param name="Infeasibility">Largest violation, relative.</param>
/// <param name="Stationarity">Relative stationarity residual.</param>
/// <param name="Penalty">Penalty parameter ρ.</param>
/// <param name="Step">Length of the last step, ‖·‖∞.</param>
/// <param name="Regularisation">δ added to the Hessian in the last factorisation.</param>
/// <param name="Seconds">Wall time so far.</param>
public readonly record struct IterationRecord(
    int Outer, int Inner, double Objective, double Infeasibility, double Stationarity, double Penalty, double Step, double Regularisation, double Seconds);
