using System.Globalization;
using Optc.Runtime.Native;
using Optc.Runtime.Problems;
using Optc.Runtime.Solution;
using Optc.Runtime.Solvers.AugmentedLagrangian;

namespace Optc.Runtime.Solvers.LevenbergMarquardt;

/// <summary>
/// Levenberg and Marquardt's method with bounds (docs/inner.md): steps of Gauss and Newton's model of the squares or, where it
/// predicts better, of Newton's (Dennis, Gay, Welsch 1981), damped by λD² with D the norms of the columns of the Jacobian (Moré 1978)
/// and λ a multiple of the residual and of the gradient (Ahookhosh, Aragón Artacho, Fleming, Vuong 2019), the multiple following
/// the gain ratio (Nielsen 1999). Variables at a bound that their gradient pushes at are held; those that a step takes out of their bounds
/// are put there, and the step is solved for again.
/// </summary>
internal sealed partial class LevenbergMarquardtRun
{
    private const double FirstDamping = 1e-2;
    private const double LeastDamping = 1e-20;
    private const double LargestDamping = 1e20;
    private const double GainToAccept = 1e-4;
    private const double ModelHysteresis = 1.5;
    private const double GainOfStraightPath = 0.25;
    private const double DifferenceStep = 0.1;
    private const double LargestAcceleration = 0.75;
    private const int MaxClips = 20;

    private readonly AugmentedLagrangianOptions _options;
    private readonly LeastSquaresModel _model;
    private readonly KktResiduals _measure;
    private readonly bool _isSystem;
    private readonly double[] _x;
    private readonly double[] _trial;
    private readonly double[] _step;
    private readonly double[] _correction;
    private readonly double[] _z;
    private readonly double[] _y;
    private readonly double[] _residual;
    private readonly double[] _linear;
    private readonly bool[] _held;
    private readonly bool[] _fixed;
    private INlpProblem _problem = null!;
    private SolveRequest _request = new();
    private SolveResult _result = null!;
    private long _began;
    private int _steps;
    private double _damping;
    private double _growth;
    private bool _newton;
    private bool _curved;
    private bool _accelerated;
    private double _stationarity;
    private double _firstResidual;
    private double _firstGradient;
    private double _stepNorm;

    /// <summary>Workspace for problems of this shape.</summary>
    public LevenbergMarquardtRun(INlpProblem problem, LeastSquaresForm form, AugmentedLagrangianOptions options)
    {
        _options = options;
        _isSystem = form.IsSystem;
        _model = new LeastSquaresModel(form.Problem!);
        _measure = new KktResiduals(problem.VariableCount, problem.ConstraintCount, problem.JacobianPattern.Count);
        int n = problem.VariableCount;
        _x = new double[n];
        _trial = new double[n];
        _step = new double[n];
        _correction = new double[n];
        _z = new double[n];
        _y = new double[problem.ConstraintCount];
        _held = new bool[n];
        _fixed = new bool[n];
        _residual = new double[_model.ResidualCount];
        _linear = new double[_model.ResidualCount];
    }

    /// <summary>Minimises; the result says how it went.</summary>
    public void Solve(INlpProblem problem, SolveRequest request, SolveResult result, long began, CancellationToken cancellation)
    {
        _problem = problem;
        _request = request;
        _result = result;
        _began = began;
        _steps = _escapes = 0;
        _damping = FirstDamping;
        _growth = 2.0;
        _newton = _curved = _accelerated = _atFloor = false;
        _ownTolerance = _options.Tolerance;
        TakeStart();
        if (!_model.Linearise(_x))
        {
            Finish(SolveStatus.EvaluationError, "The start cannot be evaluated: a residual or a derivative is not finite.");
            return;
        }
        _model.UpdateScale(first: true);
        _firstResidual = Math.Max(_model.Value, double.Epsilon);
        FindHeld();
        _firstGradient = Math.Max(ScaledGradient(), double.Epsilon);
        while (!Ends(cancellation))
        {
            if (!Advance())
            {
                if (_isSystem && LeavesSaddle()) continue;
                FinishStalled();
                return;
            }
            _steps++;
            Report();
        }
    }

    private void TakeStart()
    {
        if (_request.Start is { } start) start.CopyTo(_x, 0);
        else _problem.Start.CopyTo(_x);
        Clamp(_x);
    }

    private void Clamp(Span<double> x) => VectorKernels.Clamp(x, _problem.VariableLower, _problem.VariableUpper);

    private void TakeTrial()
    {
        for (int j = 0; j < _x.Length; j++) _trial[j] = _x[j] + _step[j];
        Clamp(_trial);
    }

    /// <summary>One accepted step, after as many trials as it takes; false when no damping gives one.</summary>
    private bool Advance()
    {
        _model.UpdateCurvature(_x);
        bool switched = false;
        while (_damping <= LargestDamping)
        {
            bool withCurvature = _newton;
            if (!ComputeStep(withCurvature))
            {
                if (withCurvature) _newton = false;
                else RaiseDamping();
                continue;
            }
            (double gaussNewton, double curvature) = _model.Predict(_step, withCurvature: true);
            double predicted = withCurvature ? gaussNewton + curvature : gaussNewton;
            if (!(predicted < 0.0))
            {
                if (AtRoundingFloor(predicted)) return AcceptByGradient();
                RaiseDamping();
                continue;
            }
            if (AtRoundingFloor(predicted)) return AcceptByGradient();
            if (_curved && !Accelerate())
            {
                RaiseDamping();
                continue;
            }
            TakeTrial();
            double change = _model.Evaluate(_trial, _residual) - _model.Value;
            if (!double.IsFinite(change))
            {
                RaiseDamping();
                continue;
            }
            double gain = change / predicted;
            _curved = gain < GainOfStraightPath || _accelerated;
            bool other = IsOtherModelBetter(change, gaussNewton, curvature);
            if (gain >= GainToAccept)
            {
                if (other) _newton = !_newton;
                LowerDamping(gain);
                if (Accept()) return true;
                RaiseDamping();
                continue;
            }
            if (other && !switched)
            {
                _newton = !_newton;
                switched = true;
                continue;
            }
            RaiseDamping();
        }
        return false;
    }

    /// <summary>Whether the model that is not in use has predicted a change clearly better (Dennis, Gay, Welsch 1981, §4).</summary>
    private bool IsOtherModelBetter(double change, double gaussNewton, double curvature)
    {
        double withoutError = Math.Abs(change - gaussNewton), withError = Math.Abs(change - (gaussNewton + curvature));
        return _newton ? ModelHysteresis * withoutError < withError : ModelHysteresis * withError < withoutError;
    }

    /// <summary>Solves for a step within the bounds; false when the matrix is not positive definite.</summary>
    private bool ComputeStep(bool withCurvature)
    {
        double size = _isSystem ? Math.Sqrt(_model.Value / _firstResidual) : Math.Max(Math.Sqrt(_model.Value / _firstResidual), ScaledGradient() / _firstGradient);
        double lambda = _damping * Math.Min(1.0, size);
        ReadOnlySpan<double> lower = _problem.VariableLower, upper = _problem.VariableUpper;
        _held.CopyTo(_fixed, 0);
        Array.Clear(_step);
        for (int pass = 0; pass < MaxClips; pass++)
        {
            if (!_model.Factor(lambda, withCurvature, _fixed)) return false;
            _model.Solve(withCurvature, _fixed, _step);
            bool clipped = false;
            for (int j = 0; j < _x.Length; j++)
            {
                if (_fixed[j]) continue;
                if (!double.IsFinite(_step[j])) return false;
                double target = _x[j] + _step[j];
                if (target >= lower[j] && target <= upper[j]) continue;
                _step[j] = Math.Clamp(target, lower[j], upper[j]) - _x[j];
                _fixed[j] = clipped = true;
            }
            if (!clipped) break;
        }
        return true;
    }

    /// <summary>
    /// Bends the step d along the path of the damped problem: d + a, a from the second derivative of r along d, which a difference
    /// of residuals gives (Transtrum, Sethna 2012, (10), (11), (14)). False when a is not small beside d: then d is too long.
    /// </summary>
    private bool Accelerate()
    {
        _accelerated = false;
        for (int j = 0; j < _x.Length; j++)
        {
            if (_fixed[j] != _held[j]) return true;
            _trial[j] = _x[j] + DifferenceStep * _step[j];
        }
        if (!double.IsFinite(_model.Evaluate(_trial, _residual))) return true;
        _model.MultiplyJacobian(_step, _linear);
        for (int i = 0; i < _linear.Length; i++)
            _linear[i] = 2.0 / DifferenceStep * ((_residual[i] - _model.Residual[i]) / DifferenceStep - _linear[i]);
        _model.SolveAcceleration(_linear, _correction);
        ReadOnlySpan<double> scale = _model.Scale;
        double ofStep = 0.0, ofCorrection = 0.0;
        for (int j = 0; j < _x.Length; j++)
        {
            ofStep += scale[j] * _step[j] * scale[j] * _step[j];
            ofCorrection += scale[j] * _correction[j] * scale[j] * _correction[j];
        }
        if (!(4.0 * ofCorrection <= LargestAcceleration * LargestAcceleration * ofStep)) return false;
        for (int j = 0; j < _x.Length; j++) _step[j] += _correction[j];
        _accelerated = true;
        return true;
    }

    private void RaiseDamping()
    {
        _damping *= _growth;
        _growth *= 2.0;
    }

    private void LowerDamping(double gain)
    {
        double t = 2.0 * gain - 1.0;
        _damping = Math.Max(LeastDamping, _damping * Math.Clamp(1.0 - t * t * t, 1.0 / 3.0, 2.0));
        _growth = 2.0;
    }

    /// <summary>Moves to the trial point; false when a derivative there is not finite, with the model back where it was.</summary>
    private bool Accept()
    {
        if (!_model.Linearise(_trial))
        {
            _model.Linearise(_x);
            return false;
        }
        _stepNorm = VectorKernels.MaxAbsDifference(_trial, _x);
        _trial.CopyTo(_x, 0);
        _model.UpdateScale(first: false);
        FindHeld();
        return true;
    }

    /// <summary>Variables at a bound that the gradient pushes at, and the stationarity of the others.</summary>
    private void FindHeld()
    {
        ReadOnlySpan<double> lower = _problem.VariableLower, upper = _problem.VariableUpper, gradient = _model.Gradient;
        double largest = 0.0;
        for (int j = 0; j < _x.Length; j++)
        {
            double g = gradient[j];
            bool atLower = _x[j] <= lower[j] && g > 0.0, atUpper = _x[j] >= upper[j] && g < 0.0;
            _held[j] = lower[j] == upper[j] || atLower || atUpper;
            _z[j] = _held[j] ? g : 0.0;
            if (!_held[j]) largest = Math.Max(largest, Math.Abs(g));
        }
        _stationarity = largest / Math.Max(1.0, VectorKernels.MaxAbs(gradient));
    }

    /// <summary>‖D⁻¹∇F‖∞ over the variables that may move.</summary>
    private double ScaledGradient()
    {
        ReadOnlySpan<double> gradient = _model.Gradient, scale = _model.Scale;
        double largest = 0.0;
        for (int j = 0; j < _x.Length; j++)
        {
            if (!_held[j]) largest = Math.Max(largest, Math.Abs(gradient[j]) / scale[j]);
        }
        return largest;
    }

    private void Report()
    {
        if (_request.Progress is null) return;
        double feasibility = _isSystem ? VectorKernels.MaxAbs(_model.Residual) : 0.0;
        _request.Progress(new IterationRecord(
            0, _steps, _isSystem ? 0.0 : _problem.Objective(_x), feasibility, _stationarity, 0.0, _stepNorm, _damping, Seconds));
    }

    private double Seconds => _request.Clock.GetElapsedTime(_began).TotalSeconds;

    private static string Text(double value) => value.ToString("G3", CultureInfo.InvariantCulture);
}
