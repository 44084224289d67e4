using System.Globalization;
using Optc.Runtime.Native;
using Optc.Runtime.Problems;
using Optc.Runtime.Solution;
using Optc.Runtime.Solvers.AugmentedLagrangian;

namespace Optc.Runtime.Solvers.Inner;

/// <summary>
/// One solve by an inner method: a single minimisation when there are only bounds, else the safeguarded augmented Lagrangian method (Andreani et al. 2008,
/// Algorithm 3.1) around it. Ends with the residuals of <see cref="KktResiduals"/>, whatever the method believes.
/// </summary>
internal sealed class InnerRun
{
    private const int MaxStalls = 8;

    private readonly AugmentedLagrangianOptions _options;
    private readonly ScaledProblem _scaled;
    private readonly PenaltyFunction _function;
    private readonly InnerPoint _point;
    private readonly IStepStrategy _strategy;
    private readonly InnerLoop _loop;
    private readonly KktResiduals _measure;
    private readonly Func<bool> _stop;
    private readonly double[] _y;
    private readonly double[] _z;
    private SolveRequest _request = new();
    private SolveResult _result = null!;
    private INlpProblem _problem;
    private CancellationToken _cancellation;
    private long _began;
    private int _steps;
    private int _outer;

    public InnerRun(INlpProblem problem, InnerMethod method, AugmentedLagrangianOptions options)
    {
        _problem = problem;
        _options = options;
        _scaled = new ScaledProblem(problem);
        _function = new PenaltyFunction(_scaled);
        _point = new InnerPoint(_function);
        int n = problem.VariableCount;
        _strategy = method switch
        {
            InnerMethod.Lbfgs => new LbfgsStep(n, options.LbfgsMemory),
            InnerMethod.Cg => new ConjugateGradientStep(n, options.CgDegree, 1),
            InnerMethod.Damped => new DampedNewtonStep(n),
            InnerMethod.GradientRegularized => new GradientRegularizedStep(n),
            InnerMethod.SaddleFree => new SaddleFreeStep(n, options.KrylovDimension, 1),
            _ => throw new ArgumentOutOfRangeException(nameof(method), method, "has no steps of its own"),
        };
        _loop = new InnerLoop(_point, _strategy);
        _measure = new KktResiduals(n, problem.ConstraintCount, problem.JacobianPattern.Count);
        _y = new double[problem.ConstraintCount];
        _z = new double[n];
        _stop = Stops;
    }

    /// <summary>Whether the workspace is for problems of this shape.</summary>
    public bool Fits(INlpProblem problem) =>
        problem.VariableCount == _problem.VariableCount && ReferenceEquals(problem.JacobianPattern, _problem.JacobianPattern) && ReferenceEquals(problem.HessianPattern, _problem.HessianPattern);

    /// <summary>Solves into the result.</summary>
    public void Solve(INlpProblem problem, SolveRequest request, SolveResult result, long began, CancellationToken cancellation)
    {
        _problem = problem;
        _request = request;
        _result = result;
        _began = began;
        _cancellation = cancellation;
        _steps = _outer = 0;
        _scaled.Attach(problem);
        _strategy.Reset();
        if (request.Start is { } start) start.CopyTo(_point.X);
        else problem.Start.CopyTo(_point.X);
        Array.Clear(_y);
        Array.Clear(_z);
        if (!_point.Evaluate())
        {
            Finish(SolveStatus.EvaluationError, "The start cannot be evaluated: the objective, a constraint or a derivative is not finite.");
            return;
        }
        if (problem.ConstraintCount == 0) Minimise();
        else MinimiseWithConstraints();
    }

    private void Minimise()
    {
        double tolerance = _options.Tolerance;
        for (int attempt = 0; ; attempt++)
        {
            InnerEnd end = _loop.Minimise(tolerance, _stop);
            if (end == InnerEnd.Stopped)
            {
                FinishStopped();
                return;
            }
            Residuals at = Measure();
            if (at.Largest <= _options.Tolerance)
            {
                Finish(SolveStatus.Solved, "Solved.");
                return;
            }
            if (end == InnerEnd.Stuck || attempt == 3)
            {
                FinishStuck(at);
                return;
            }
            tolerance *= 0.3;
        }
    }

    private void MinimiseWithConstraints()
    {
        const double FirstTolerance = 1e-2;
        Scale();
        Span<double> shifted = _function.Shifted;
        shifted.Clear();
        if (_request.ConstraintMultipliers is { } y)
        {
            for (int i = 0; i < y.Length; i++) shifted[i] = y[i] * _scaled.ObjectiveFactor / _scaled.RowFactor[i];
        }
        _function.Penalty = 1.0;
        if (!_point.Evaluate())
        {
            FinishStuck(Measure());
            return;
        }
        double violation = _function.Violation, objective = Math.Abs(_function.Objective);
        _function.Penalty = _options.InitialPenalty > 0.0
            ? _options.InitialPenalty
            : Math.Clamp(10.0 * Math.Max(1.0, objective) / Math.Max(1e-8, violation * violation), 1.0, 100.0);
        double tolerance = FirstTolerance, reference = double.PositiveInfinity, best = double.PositiveInfinity;
        int stalls = 0;
        while (true)
        {
            _strategy.Reset();
            _point.Evaluate();
            InnerEnd end = _loop.Minimise(tolerance, _stop);
            _outer++;
            if (end == InnerEnd.Stopped)
            {
                FinishStopped();
                return;
            }
            Residuals at = Measure();
            if (at.Largest <= _options.Tolerance)
            {
                Finish(SolveStatus.Solved, "Solved.");
                return;
            }
            stalls = at.Largest <= 0.9 * best ? 0 : stalls + 1;
            best = Math.Min(best, at.Largest);
            if (stalls >= MaxStalls || _outer >= _options.MaxOuterIterations)
            {
                if (stalls < MaxStalls) Finish(SolveStatus.IterationLimit, $"Stopped after {_outer} outer iterations.");
                else FinishStuck(at);
                return;
            }
            double measure = Progress();
            for (int i = 0; i < shifted.Length; i++) shifted[i] = Math.Clamp(_function.Multipliers[i], -_options.MultiplierBound, _options.MultiplierBound);
            if (measure > _options.ViolationDecrease * reference && _function.Penalty < _options.MaxPenalty)
                _function.Penalty = Math.Min(_options.MaxPenalty, _function.Penalty * _options.PenaltyFactor);
            reference = measure;
            tolerance = Math.Max(0.01 * _options.Tolerance, 0.1 * tolerance);
        }
    }

    /// <summary>‖(π − ŷ)/ρ‖∞: violation and complementarity in one (Andreani et al. 2008, step 3).</summary>
    private double Progress() => VectorKernels.MaxAbsDifference(_function.Multipliers, _function.Shifted) / _function.Penalty;

    private void Scale()
    {
        var gradient = _point.OtherGradient;
        _problem.Gradient(_point.X, gradient);
        var jacobian = new double[_problem.JacobianPattern.Count];
        _problem.Jacobian(_point.X, jacobian);
        _scaled.Scale(gradient, jacobian, _options.ScalingMaxGradient);
    }

    /// <summary>Multipliers of the unscaled problem at the point, and the residuals with them.</summary>
    private Residuals Measure()
    {
        double sigma = _scaled.ObjectiveFactor;
        for (int i = 0; i < _y.Length; i++) _y[i] = _function.Multipliers[i] * _scaled.RowFactor[i] / sigma;
        ReadOnlySpan<double> lower = _problem.VariableLower, upper = _problem.VariableUpper;
        for (int j = 0; j < _z.Length; j++)
        {
            double g = _point.Gradient[j] / sigma, x = _point.X[j];
            bool stopped = lower[j] == upper[j] || (x <= lower[j] && g > 0.0) || (x >= upper[j] && g < 0.0);
            _z[j] = stopped ? g : 0.0;
        }
        return _measure.Measure(_problem, _point.X, _y, _z);
    }

    private bool Stops()
    {
        if (_steps > 0) Report();
        _steps++;
        return _steps > _options.MaxInnerIterations || _cancellation.IsCancellationRequested || Seconds > _request.TimeLimit || IsUnbounded();
    }

    private bool IsUnbounded() => _function.Objective / _scaled.ObjectiveFactor < _options.UnboundedBelow && _function.Violation <= _options.AcceptableTolerance;

    private void FinishStopped()
    {
        _steps--;
        if (IsUnbounded()) Finish(SolveStatus.Unbounded, $"The objective fell to {Text(_function.Objective / _scaled.ObjectiveFactor)} at a feasible point.");
        else if (_cancellation.IsCancellationRequested) Finish(SolveStatus.Interrupted, "Interrupted.");
        else if (Seconds > _request.TimeLimit) Finish(SolveStatus.TimeLimit, $"Stopped after {Text(Seconds)} seconds.");
        else Finish(SolveStatus.IterationLimit, $"Stopped after {_steps} inner and {_outer} outer iterations.");
    }

    private void FinishStuck(Residuals at)
    {
        if (at.Largest <= _options.AcceptableTolerance)
            Finish(SolveStatus.SolvedToAcceptable, "Solved to the acceptable tolerance; no further progress was possible.");
        else
            Finish(SolveStatus.NumericalFailure, $"No progress after {_steps} inner and {_outer} outer iterations: residual {Text(at.Largest)}. inner=newton may do better.");
    }

    private void Finish(SolveStatus status, string message)
    {
        SolveResult result = _result;
        result.Status = status;
        result.Message = message;
        result.Residuals = Measure();
        result.Objective = _measure.Objective;
        result.Point = Fill(result.Point, _point.X);
        result.ConstraintValues = Fill(result.ConstraintValues, _measure.Constraints);
        result.ConstraintMultipliers = Fill(result.ConstraintMultipliers, _y);
        result.BoundMultipliers = Fill(result.BoundMultipliers, _z);
        result.WorstConstraints = [];
        result.OuterIterations = _outer;
        result.InnerIterations = _steps;
        result.Evaluations = _scaled.Counts;
        result.Seconds = Seconds;
    }

    private void Report()
    {
        if (_request.Progress is null) return;
        _request.Progress(new IterationRecord(
            _outer, _steps, _function.Objective / _scaled.ObjectiveFactor, _function.Violation, _point.Stationarity, _problem.ConstraintCount == 0 ? 0.0 : _function.Penalty, _point.StepNorm, 0.0, Seconds));
    }

    private double Seconds => _request.Clock.GetElapsedTime(_began).TotalSeconds;

    private static string Text(double value) => value.ToString("G6", CultureInfo.InvariantCulture);

    private static double[] Fill(double[] target, ReadOnlySpan<double> source)
    {
        if (target.Length != source.Length) target = new double[source.Length];
        source.CopyTo(target);
        return target;
    }
}
