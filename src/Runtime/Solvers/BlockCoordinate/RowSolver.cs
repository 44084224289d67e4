using System.Diagnostics;
using Optc.Runtime.Native;
using Optc.Runtime.Solution;

namespace Optc.Runtime.Solvers.BlockCoordinate;

/// <summary>What block coordinate descent under linear rows returns.</summary>
/// <param name="Descent">The last descent's answer; its status and message are those of the whole, its slopes ∇f − Aᵀy.</param>
/// <param name="Multipliers">y (m), positive at a lower side.</param>
/// <param name="Values">A x (m).</param>
/// <param name="Infeasibility">How far rows are outside of their sides, relative to max(1, |side|).</param>
/// <param name="Complementarity">Largest |y| times the distance to the side it belongs to, relative to max(1, |objective|).</param>
/// <param name="Rounds">Descents.</param>
public sealed record RowResult(BlockResult Descent, double[] Multipliers, double[] Values, double Infeasibility, double Complementarity, int Rounds);

/// <summary>
/// Block coordinate descent on f(x) + Σ g under linear rows: the method of multipliers around it, minimise f + g + the augmented terms
/// of the rows, then y ← −ρ(t − clamp t), with ρ raised tenfold where the rows do not come closer fast enough (Rockafellar, Math. Oper.
/// Res. 1, 1976; Bertsekas, Constrained optimization and Lagrange multiplier methods, 1982). Not safe for several threads.
/// </summary>
public sealed class RowSolver
{
    private const int MostRounds = 60;
    private const double LargestWeight = 1e9, Enough = 0.25;

    private readonly SmoothFunction _plain;
    private readonly AugmentedFunction _function;
    private readonly BlockPenalty _penalty;
    private readonly LinearRows _rows;
    private readonly BlockOptions _options;

    /// <summary>Throws <see cref="ArgumentException"/> for options that do not fit.</summary>
    public RowSolver(SmoothFunction function, BlockPenalty penalty, LinearRows rows, BlockOptions options)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Acceleration == AccelerationKind.VarianceReduction) throw new ArgumentException("acceleration=variance_reduction draws single observations, which linear constraints are none of: name acceleration=dual_averaging.");
        (_plain, _function, _penalty, _rows, _options) = (function, new AugmentedFunction(function, rows), penalty, rows, options);
        // Options and shapes are checked here.
        _ = new BlockSolver(_function, penalty, options);
    }

    /// <summary>Solves from a point (n), which is moved into the bounds.</summary>
    public RowResult Solve(ReadOnlySpan<double> start, SolveRequest request, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        long begin = Stopwatch.GetTimestamp();
        double[] point = start.ToArray();
        Array.Clear(_function.Multipliers);
        _function.MoveTo(point);
        double first = FirstWeight(), tolerance = 1e-3, last = double.PositiveInfinity;
        _function.Weight = first;
        int epochs = 0;
        long steps = 0;
        for (int round = 1; ; round++)
        {
            double left = request.TimeLimit - Stopwatch.GetElapsedTime(begin).TotalSeconds;
            BlockOptions options = _options with { Tolerance = Math.Max(_options.Tolerance, tolerance), MaxEpochs = _options.MaxEpochs - epochs };
            BlockResult inner = new BlockSolver(_function, _penalty, options).Solve(point, new SolveRequest { TimeLimit = left, Seed = request.Seed, Progress = request.Progress is null ? null : Report }, cancellation);
            (point, epochs, steps) = (inner.Point, epochs + inner.Epochs, steps + inner.Steps);
            double outside = _function.Update(_plain.Value() + _penalty.Value(point));
            bool isDescended = inner.Status is SolveStatus.Solved or SolveStatus.SolvedToAcceptable;
            bool isStuck = inner.Status == SolveStatus.NumericalFailure && outside > _options.Tolerance;
            if ((!isDescended && !isStuck) || (outside <= _options.Tolerance && options.Tolerance <= _options.Tolerance)) return Result(inner, inner.Status, outside, round);
            if (isStuck || round == MostRounds || (_function.Weight >= LargestWeight * first && outside > Enough * last))
                return Result(inner, SolveStatus.NumericalFailure, outside, round);
            if (epochs >= _options.MaxEpochs) return Result(inner, SolveStatus.IterationLimit, outside, round);
            if (outside > Enough * last) _function.Weight *= 10;
            (last, tolerance) = (outside, 0.1 * tolerance);
        }

        // Of the whole: earlier descents count, and the rows' terms are not part of the objective.
        void Report(IterationRecord r) => request.Progress!(r with
        {
            Outer = epochs + r.Outer,
            Inner = (int)Math.Min(steps + r.Inner, int.MaxValue),
            Objective = _plain.Value() + _penalty.Value(_plain.Point),
            Infeasibility = _function.Infeasibility(),
            Penalty = _function.Weight,
            Seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds,
        });

        RowResult Result(BlockResult inner, SolveStatus status, double outside, int round)
        {
            double objective = _plain.Value() + _penalty.Value(point), infeasibility = _function.Infeasibility();
            string left = $"the distance to the subdifferential is {inner.Violation:g2}, and rows are {infeasibility:g2} outside of their sides.";
            string message = status switch
            {
                SolveStatus.IterationLimit => $"{_options.MaxEpochs} epochs were not enough (option max_epochs); {left}",
                SolveStatus.TimeLimit => $"The time limit was reached; {left}",
                SolveStatus.NumericalFailure when infeasibility > _options.Tolerance =>
                    $"The rows stay {infeasibility:g2} outside of their sides; the constraints may contradict each other (name --solver auglag, which can tell).",
                SolveStatus.NumericalFailure when outside > _options.Tolerance =>
                    $"The rows hold, but their multipliers do not settle: {outside:g2} is left, relative to the objective (name --solver auglag).",
                _ => inner.Message,
            };
            return new RowResult(inner with { Status = status, Message = message, Epochs = epochs, Steps = steps, Objective = objective, Seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds },
                [.. _function.Multipliers], _function.Values.ToArray(), infeasibility, _function.Complementarity(objective), round);
        }
    }

    /// <summary>Makes the rows' terms ten times as curved as f along the steepest coordinates of both.</summary>
    private double FirstWeight()
    {
        double curvature = 0, squares = 0;
        for (int j = 0; j < _penalty.VariableCount; j++)
        {
            double own = _rows.Squares(j);
            squares = Math.Max(squares, own);
            curvature = Math.Max(curvature, Math.Abs(_plain.Curvature(j)));
        }
        return squares > 0 && curvature > 0 ? 10 * curvature / squares : 1;
    }
}
