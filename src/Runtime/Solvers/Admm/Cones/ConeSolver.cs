using System.Diagnostics;
using System.Globalization;
using Optc.Runtime.Native;
using Optc.Runtime.Problems;
using Optc.Runtime.Solution;

namespace Optc.Runtime.Solvers.Admm;

/// <summary>
/// Solves one cone program (docs/cones.md): by the interior-point method, and by the splitting where <see cref="AdmmOptions.Finish"/> is off or it does
/// not get there. For one thread.
/// </summary>
public sealed class ConeSolver
{
    /// <summary>Strength that a certificate must have, and what it must have when nothing better was found.</summary>
    private const double CertificateStrength = 1e8, AcceptableStrength = 1e6;

    /// <summary>Steps towards the central path at the end.</summary>
    private const int CentringSteps = 4;

    private readonly ConeProgram _program;
    private readonly AdmmOptions _options;
    private readonly ConeMeasure _measure;
    private readonly ConeData _scaled;
    private readonly QpScaling _scaling;
    private readonly double[] _x;
    private readonly double[] _z;
    private readonly double[] _y;
    private readonly double[] _bounds;
    private readonly double[] _lambda;
    private readonly double[] _rowDual;
    private ConeResult? _best;
    private double _bestResidual = double.PositiveInfinity;
    private double[]? _ray;
    private (double[] Rows, double[] Cones)? _farkas;
    private SolveStatus? _stopped;
    private SolveRequest _request = new();
    private CancellationToken _cancellation;
    private long _began;
    private int _splitting;
    private int _finish;
    private int _running;
    private int _outer;
    private int _factorizations;

    /// <summary>A solver of this program with these options (the defaults for null). Throws <see cref="NonconvexException"/> when P is not positive semidefinite.</summary>
    public ConeSolver(ConeProgram program, AdmmOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(program);
        _program = program;
        _options = options ?? new AdmmOptions();
        _options.Validate();
        var data = new ConeData(program);
        if (Convexity.Counterexample(data.Qp) is { } direction) throw new NonconvexException(direction, program.Linear);
        _scaling = new QpScaling(data.Qp, _options.Scaling, data.Cones);
        _scaled = data.With(_scaling.Apply(data.Qp));
        _measure = new ConeMeasure(program);
        _x = new double[data.Qp.N];
        _z = new double[data.Qp.M];
        _rowDual = new double[data.Qp.M];
        _y = new double[program.Linear.ConstraintCount];
        _bounds = new double[program.VariableCount];
        _lambda = new double[program.ConeRowCount];
    }

    private bool HasCertificate => _ray is not null || _farkas is not null;

    /// <summary>Residuals that make further work idle.</summary>
    private double Target => Math.Min(_options.Tolerance, Math.Max(1e-2 * _options.Tolerance, 1e-12));

    /// <summary>Solves; a limit or cancellation is a status.</summary>
    public ConeResult Solve(SolveRequest? request = null, CancellationToken cancellation = default)
    {
        (_request, _cancellation, _began) = (request ?? new SolveRequest(), cancellation, Stopwatch.GetTimestamp());
        (_best, _bestResidual, _ray, _farkas, _stopped) = (null, double.PositiveInfinity, null, null, null);
        (_splitting, _finish, _running, _outer, _factorizations) = (0, 0, 0, 0, 0);
        if (_options.Finish) Finish();
        if (!(_bestResidual <= _options.Tolerance) && !HasCertificate && _stopped is null) Split();
        return Result();
    }

    private void Finish()
    {
        var interior = new ConeInterior(_scaled) { Interrupt = Stopped };
        double last = double.PositiveInfinity;
        int idle = 0;
        interior.Run(_options.MaxFinishIterations, () =>
        {
            _running = interior.Iterations;
            double residual = Take(interior);
            // Below the tolerance a few more steps, as long as they help.
            idle = residual < 0.5 * last ? 0 : idle + 1;
            last = Math.Min(last, residual);
            if (_bestResidual <= Target || (_bestResidual <= _options.Tolerance && idle > 1)) return true;
            if (interior.Iterations > 4 && Certify(interior.X, interior.Z, CertificateStrength)) return true;
            return Stopped();
        });
        if (!HasCertificate && !(_bestResidual <= _options.AcceptableTolerance)) Certify(interior.X, interior.Z, AcceptableStrength);
        if (_bestResidual <= _options.Tolerance) Centre(interior);
        _finish += interior.Iterations;
        _factorizations += interior.Factorizations;
        _running = 0;
    }

    /// <summary>Multipliers of cones as derivatives of the terms they stand for: a few steps towards the central path, the last of which that keeps the tolerance is the answer.</summary>
    private void Centre(ConeInterior interior)
    {
        // As far from rounding as the tolerance allows.
        double mu = interior.Mu * Math.Clamp(0.1 * _options.Tolerance / Math.Max(_bestResidual, 1e-16), 1.0, 1e3);
        for (int k = 0; k < CentringSteps && _stopped is null; k++)
        {
            if (!interior.Centre(mu)) return;
            _finish++;
            double before = _bestResidual;
            _bestResidual = _options.Tolerance;
            if (!(Take(interior) <= _options.Tolerance)) _bestResidual = before;
        }
    }

    private double Take(ConeInterior interior)
    {
        interior.X.CopyTo(_x);
        interior.Z.CopyTo(_z);
        VectorKernels.Scale(1.0 / interior.Tau, _x);
        VectorKernels.Scale(1.0 / interior.Tau, _z);
        return Take(interior.Mu, interior.Step);
    }

    private void Split()
    {
        var splitting = new ConeSplitting(_scaled, _options, Stopped);
        if (!splitting.Prepare()) return;
        if (_best is not null && _bestResidual < 1e-3) StartFrom(splitting);
        double[] dx = new double[_x.Length], dz = new double[_z.Length];
        for (int k = 1; k <= _options.MaxIterations; k++)
        {
            // Accelerated and plain in turns of 400: differences of plain iterations converge to certificates.
            splitting.IsPlain = (k / 400) % 2 == 1;
            splitting.Iterate();
            _splitting++;
            if (k % _options.CheckInterval != 0 && k != _options.MaxIterations) continue;
            splitting.Read(_x, _z);
            Take(splitting.Rho, 0.0);
            if (_bestResidual <= _options.Tolerance || Stopped()) break;
            if (k % (5 * _options.CheckInterval) == 0)
            {
                splitting.Differences(dx, dz);
                if (Certify(dx, dz, CertificateStrength)) break;
            }
            if (_options.AdaptivePenalty && !splitting.IsPlain && k % (2 * _options.CheckInterval) == 0 && splitting.Adapt() && !splitting.Prepare()) break;
        }
        _factorizations += splitting.Factorizations;
    }

    /// <summary>The splitting goes on from the best point of the interior-point method.</summary>
    private void StartFrom(ConeSplitting splitting)
    {
        for (int j = 0; j < _x.Length; j++) _x[j] = _best!.X[j] / _scaling.D[j];
        for (int i = 0; i < _z.Length; i++) _z[i] = _rowDual[i] * _scaling.C / _scaling.E[i];
        splitting.Start(_x, _z);
    }

    /// <summary>Measures the scaled point in _x and _z on the program, and keeps it when it is the best.</summary>
    private double Take(double penalty, double step)
    {
        var x = new double[_x.Length];
        var z = new double[_z.Length];
        for (int j = 0; j < x.Length; j++) x[j] = _scaling.D[j] * _x[j];
        for (int i = 0; i < z.Length; i++) z[i] = _scaling.E[i] * _z[i] / _scaling.C;
        _scaled.Multipliers(z, _y, _bounds, _lambda);
        foreach (ConeBlock c in _program.Cones)
        {
            Span<double> part = _lambda.AsSpan(c.Start, c.Count);
            ConeProjection.OntoDual(c.Kind, part.ToArray(), part);
        }
        QpResiduals residuals = _measure.Of(x, _y, _bounds, _lambda);
        double objective = _program.Linear.Objective(x), worst = residuals.Largest;
        _outer++;
        _request.Progress?.Invoke(new IterationRecord(
            _outer - 1, _splitting + _finish + _running, objective, residuals.RelativePrimal, residuals.RelativeDual, penalty, residuals.RelativeGap, step, Seconds()));
        if (_best is not null && !(worst <= _bestResidual)) return worst;
        if (!double.IsNaN(worst)) _bestResidual = worst;
        z.CopyTo(_rowDual, 0);
        _best = new ConeResult(
            SolveStatus.NumericalFailure, "", x, objective, [.. _y], [.. _bounds], [.. _lambda], residuals, 0, 0, 0, false, null);
        return worst;
    }

    /// <summary>Tests multipliers and direction of the scaled program for a certificate of that strength.</summary>
    private bool Certify(ReadOnlySpan<double> x, ReadOnlySpan<double> z, double strength)
    {
        var dual = new double[z.Length];
        for (int i = 0; i < dual.Length; i++) dual[i] = _scaling.E[i] * z[i];
        double largest = VectorKernels.MaxAbs(dual);
        if (largest > 0.0 && double.IsFinite(largest))
        {
            VectorKernels.Scale(1.0 / largest, dual);
            _scaled.Multipliers(dual, _y, _bounds, _lambda);
            if (ConeCertificates.Infeasibility(_program, _y, _lambda) >= strength)
            {
                _farkas = ([.. _y], [.. _lambda]);
                return true;
            }
        }
        var ray = new double[x.Length];
        for (int j = 0; j < ray.Length; j++) ray[j] = _scaling.D[j] * x[j];
        if (ConeCertificates.Ray(_program, ray) < strength) return false;
        _ray = ray;
        return true;
    }

    private ConeResult Result()
    {
        ConeResult best = _best!;
        QpResiduals r = best.Residuals;
        string text = string.Create(CultureInfo.InvariantCulture, $"relative residuals: primal {r.RelativePrimal:0.0e+0}, dual {r.RelativeDual:0.0e+0}, gap {r.RelativeGap:0.0e+0}");
        (SolveStatus status, string message) =
            _farkas is not null ? (SolveStatus.Infeasible, "no point satisfies the constraints: their multipliers are a certificate, in the dual cones and verified from the data")
            : _ray is not null ? (SolveStatus.Unbounded, "the objective falls without end along a ray of the cones, from any feasible point")
            : _bestResidual <= _options.Tolerance ? (SolveStatus.Solved, text)
            : _stopped is { } stopped ? (stopped, text)
            : _bestResidual <= _options.AcceptableTolerance ? (SolveStatus.SolvedToAcceptable, text)
            : !_options.Finish && double.IsFinite(_bestResidual) ? (SolveStatus.IterationLimit, text)
            : (SolveStatus.NumericalFailure, $"neither the interior-point method nor the splitting converged; {text}");
        return best with
        {
            Status = status,
            Message = message,
            RowMultipliers = _farkas?.Rows ?? best.RowMultipliers,
            ConeMultipliers = _farkas?.Cones ?? best.ConeMultipliers,
            SplittingIterations = _splitting,
            FinishIterations = _finish,
            Factorizations = _factorizations,
            IsCertified = HasCertificate,
            Ray = _ray,
        };
    }

    private bool Stopped()
    {
        if (_cancellation.IsCancellationRequested) _stopped = SolveStatus.Interrupted;
        else if (Seconds() > _request.TimeLimit) _stopped = SolveStatus.TimeLimit;
        return _stopped is not null;
    }

    private double Seconds() => Stopwatch.GetElapsedTime(_began).TotalSeconds;
}
