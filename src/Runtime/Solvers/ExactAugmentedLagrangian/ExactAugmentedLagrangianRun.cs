using System.Diagnostics;
using Optc.Runtime.Problems;
using Optc.Runtime.Solution;
using Optc.Runtime.Solvers.AugmentedLagrangian;

namespace Optc.Runtime.Solvers.ExactAugmentedLagrangian;

/// <summary>One solve: the loop of steps and what it needs (docs/exact-auglag.md has the numbers of the steps).</summary>
internal sealed class ExactAugmentedLagrangianRun
{
    /// <summary>β of the Armijo condition; below ½, so that unit steps pass in the end.</summary>
    private const double SufficientDecrease = 0.1;

    /// <summary>θ: the largest relative residual of a Newton system; it falls with √‖∇L‖.</summary>
    private const double LargestResidual = 0.1;

    /// <summary>δ is divided by this where η is changed.</summary>
    private const double Sharpening = 4.0;

    private const double Growth = 4.0;
    private const int WeightChanges = 12;
    private const int ShiftChanges = 12;
    private const int Backtracks = 30;
    private const int SketchesPerRow = 5000;

    private readonly INlpProblem _problem;
    private readonly AugmentedLagrangianOptions _options;
    private readonly SolveRequest _request;
    private readonly long _began;
    private readonly CancellationToken _cancellation;
    private readonly int _n;
    private readonly int _m;
    private readonly ExactMerit _merit;
    private readonly SketchedSystem _system;
    private readonly KktResiduals _residuals;
    private readonly Random _random;
    private readonly double[] _x;
    private readonly double[] _lambda;
    private readonly double[] _trialX;
    private readonly double[] _trialLambda;
    private readonly double[] _step;
    private readonly double[] _rhs;
    private readonly double[] _y;
    private readonly double[] _z;
    private double _accuracy = LargestResidual;
    private double _shift;
    private int _evaluations;
    private int _hessians;

    public ExactAugmentedLagrangianRun(INlpProblem problem, AugmentedLagrangianOptions options, SolveRequest request, long began, CancellationToken cancellation)
    {
        (_problem, _options, _request, _began, _cancellation) = (problem, options, request, began, cancellation);
        (_n, _m) = (problem.VariableCount, problem.ConstraintCount);
        _merit = new ExactMerit(problem);
        _system = new SketchedSystem(problem.HessianPattern, problem.JacobianPattern);
        _residuals = new KktResiduals(_n, _m, problem.JacobianPattern.Count);
        _random = new Random(request.Seed);
        _x = request.Start is { } start ? [.. start] : problem.Start.ToArray();
        _lambda = new double[_m];
        if (request.ConstraintMultipliers is { } given)
        {
            for (int i = 0; i < _m; i++) _lambda[i] = -given[i];
        }
        (_trialX, _trialLambda) = (new double[_n], new double[_m]);
        (_step, _rhs) = (new double[_n + _m], new double[_n + _m]);
        (_y, _z) = (new double[_m], new double[_n]);
    }

    public Action<ExactStep>? Trace { get; init; }

    private double Seconds => Stopwatch.GetElapsedTime(_began).TotalSeconds;

    public SolveResult Solve()
    {
        double value = Value(_x, _lambda);
        if (!double.IsFinite(value)) return End(SolveStatus.EvaluationError, "The start gives a value or derivative that is not finite.", 0);
        for (int iteration = 0; ; iteration++)
        {
            Residuals now = Measure();
            if (now.Largest <= _options.Tolerance) return End(SolveStatus.Solved, "Solved.", iteration);
            if (iteration >= _options.MaxInnerIterations) return End(SolveStatus.IterationLimit, "The limit on Newton steps was reached.", iteration);
            if (Seconds > _request.TimeLimit) return End(SolveStatus.TimeLimit, "The time limit was reached.", iteration);
            if (_cancellation.IsCancellationRequested) return End(SolveStatus.Interrupted, "Interrupted.", iteration);
            double norm = _merit.Norm;
            _merit.Curve(_x, _lambda);
            _hessians++;
            (double slope, int sketches) = Direction(norm);
            double relative = _system.ResidualNorm / norm;
            if (!(slope < 0.0)) return Stalled(now, $"No direction of descent was found: sketching left a relative residual of {relative:g2} of the Newton system.", iteration);
            // The weights may have changed with the direction.
            value = Value(_x, _lambda);
            double alpha = Search(value, slope);
            if (alpha == 0.0) return Stalled(now, "The line search found no decrease of the exact augmented Lagrangian.", iteration);
            Trace?.Invoke(new ExactStep(norm, alpha, sketches, relative, _shift));
            _request.Progress?.Invoke(new IterationRecord(iteration, iteration + 1, _merit.Objective, now.Feasibility, now.Stationarity, _merit.ViolationWeight, alpha, _shift, Seconds));
            _shift = alpha == 1.0 ? (_shift < 1e-8 ? 0.0 : _shift / Growth) : _shift;
        }
    }

    /// <summary>
    /// Steps 2 and 3: sketches until the residual is at most δ‖∇L‖ and the direction is one of sufficient descent; δ falls, η₁ grows and η₂
    /// falls where it is not, and at last the Hessian is shifted, which no residual however small can replace.
    /// </summary>
    private (double Slope, int Sketches) Direction(double norm)
    {
        int sketches = 0;
        for (int j = 0; j < _n; j++) _rhs[j] = -_merit.Lagrangian[j];
        for (int i = 0; i < _m; i++) _rhs[_n + i] = -_merit.Violation[i];
        for (int shifts = 0; ; shifts++)
        {
            _system.Begin(_merit.Hessian, _merit.Jacobian, _shift, _rhs);
            double accuracy = Math.Min(_accuracy, LargestResidual * Math.Min(1.0, Math.Sqrt(norm)));
            (double first, double second) = (_merit.ViolationWeight, _merit.ProjectedWeight);
            for (int change = 0; change <= WeightChanges; change++)
            {
                sketches += Sketch(accuracy * norm);
                _system.Solution(_step);
                double slope = _merit.Slope(_x, _step.AsSpan(0, _n), _step.AsSpan(_n));
                if (slope <= -0.5 * _merit.ProjectedWeight * norm * norm)
                {
                    if (change > 0) _accuracy = Math.Max(accuracy, 1e-6);
                    return (slope, sketches);
                }
                accuracy /= Sharpening;
                _merit.ViolationWeight *= Growth;
                _merit.ProjectedWeight /= 2.0;
            }
            (_merit.ViolationWeight, _merit.ProjectedWeight) = (first, second);
            if (shifts == ShiftChanges) return (double.NaN, sketches);
            _shift = _shift == 0.0 ? 1e-2 * Math.Max(1.0, CurvatureSize()) : Growth * _shift;
        }
    }

    private int Sketch(double target)
    {
        int limit = SketchesPerRow * Math.Max(1, _system.Size / _system.Block), sketches = 0;
        // The norm costs as much as a sketch of a small block.
        while (sketches < limit && _system.ResidualNorm > target && !_cancellation.IsCancellationRequested && Seconds <= _request.TimeLimit)
        {
            _system.Project(_random);
            sketches++;
        }
        return sketches;
    }

    /// <summary>Step 4: Armijo's condition on L_η; 0 when no step is short enough.</summary>
    private double Search(double value, double slope)
    {
        double alpha = 1.0;
        for (int k = 0; k < Backtracks; k++, alpha *= 0.5)
        {
            for (int j = 0; j < _n; j++) _trialX[j] = _x[j] + (alpha * _step[j]);
            for (int i = 0; i < _m; i++) _trialLambda[i] = _lambda[i] + (alpha * _step[_n + i]);
            double trial = Value(_trialX, _trialLambda);
            // Near the solution the decrease is lost in the last digits of the value.
            double rounding = 1e-14 * Math.Max(1.0, Math.Abs(value));
            if (!(trial <= value + (SufficientDecrease * alpha * slope) + rounding)) continue;
            _trialX.CopyTo(_x, 0);
            _trialLambda.CopyTo(_lambda, 0);
            return alpha;
        }
        Value(_x, _lambda);
        return 0.0;
    }

    private double Value(double[] x, double[] lambda)
    {
        _evaluations++;
        return _merit.Value(x, lambda);
    }

    private double CurvatureSize()
    {
        double largest = 0.0;
        foreach (double h in _merit.Hessian) largest = Math.Max(largest, Math.Abs(h));
        return largest;
    }

    private Residuals Measure()
    {
        for (int i = 0; i < _m; i++) _y[i] = -_lambda[i];
        return _residuals.Measure(_problem, _x, _y, _z);
    }

    private SolveResult Stalled(Residuals now, string message, int iteration) =>
        End(now.Largest <= _options.AcceptableTolerance ? SolveStatus.SolvedToAcceptable : SolveStatus.NumericalFailure, message, iteration);

    private SolveResult End(SolveStatus status, string message, int iterations)
    {
        Residuals now = Measure();
        return new SolveResult
        {
            Status = status,
            Message = message,
            Point = _x,
            Objective = _residuals.Objective,
            ConstraintValues = _residuals.Constraints.ToArray(),
            ConstraintMultipliers = _y,
            BoundMultipliers = _z,
            Residuals = now,
            OuterIterations = iterations,
            InnerIterations = iterations,
            Evaluations = new EvaluationCounts(_evaluations, _evaluations, _evaluations, _evaluations, _hessians),
            Seconds = Seconds,
        };
    }
}
