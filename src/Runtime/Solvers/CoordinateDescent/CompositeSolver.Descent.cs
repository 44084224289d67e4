using System.Diagnostics;
using Optc.Runtime.Native;

namespace Optc.Runtime.Solvers.CoordinateDescent;

/// <summary>The subproblem of a working set.</summary>
public sealed partial class CompositeSolver
{
    /// <summary>Share of the outer gap or violation to which a subproblem is solved.</summary>
    private const double Share = 0.2;

    private const int EpochsBetweenChecks = 5;
    private const int MaxBlocks = 400;

    /// <summary>
    /// Conjugate gradients cost as much as many passes: they are for sets on which extrapolated passes are slow. A loss that is not
    /// quadratic gets fewer blocks than this of one model, which is renewed before.
    /// </summary>
    private const int BlocksBetweenIterations = 8;

    private readonly Anderson _anderson = new();
    private readonly SupportNewton _newton;
    private readonly bool _uniformWeight;
    private double[] _curvature = [], _before = [], _candidate = [];
    private int[] _support = [];
    private double[] _direction = [], _full = [];
    private int[] _position = [];
    private double[] _r = [], _v = [];

    /// <summary>Minimises over the working set until its own gap and violation are a share of those outside.</summary>
    private void Descend(CancellationToken cancellation, double seconds)
    {
        int m = _setCount;
        EnsureRoom(m);
        long start = Stopwatch.GetTimestamp();
        double gapGoal = double.IsInfinity(_gap) ? double.PositiveInfinity : Math.Max(Share * _gap, 0.5 * _options.GapTolerance * _nullValue);
        double violationGoal = double.IsFinite(_options.Tolerance) || double.IsInfinity(_gap)
            ? Math.Max(Share * _violation, 0.5 * Math.Min(_options.Tolerance, 1e-6))
            : double.PositiveInfinity;
        bool quadratic = _problem.Loss.IsQuadratic;
        if (quadratic && !_hasLipschitz) Model(firstTime: true);
        for (int model = 0; model < MaxBlocks; model++)
        {
            if (!quadratic) Model(firstTime: false);
            for (int k = 0; k < m; k++)
            {
                int j = _set[k];
                _curvature[k] = quadratic ? _lipschitz[j] : Math.Max(_matrix.WeightedSquares(j, _h), 1e-300);
                _before[k] = _b[j];
            }
            _g.AsSpan().CopyTo(_r);
            int blocks = quadratic ? MaxBlocks : 4;
            double modelGoal = 0;
            bool faceSolved = false;
            for (int block = 0; block < blocks; block++)
            {
                // Where Newton's step went all the way, single passes bring in what is missing.
                double moved = faceSolved && quadratic ? GreedyPass(m) : Epochs(m, faceSolved ? 1 : EpochsBetweenChecks);
                if (!quadratic)
                {
                    // The model deserves a tenth of the violation that it began with.
                    if (block == 0) modelGoal = 0.1 * _firstMove;
                    else if (moved <= modelGoal) break;
                    if (_options.Newton) faceSolved = NewtonStep(m, block);
                    continue;
                }
                if (moved == 0) break;
                if (_options.Newton) faceSolved = NewtonStep(m, block);
                if (IsSubproblemDone(m, _r, gapGoal, violationGoal)) break;
                if (cancellation.IsCancellationRequested || Stopwatch.GetElapsedTime(start).TotalSeconds > seconds || _epochs >= _options.MaxEpochs) break;
            }
            double step = Advance(m, quadratic);
            if (quadratic) return;
            if (step == 0 || IsSubproblemDone(m, _g, gapGoal, violationGoal)) return;
            if (cancellation.IsCancellationRequested || Stopwatch.GetElapsedTime(start).TotalSeconds > seconds || _epochs >= _options.MaxEpochs) return;
        }
    }

    private double[] _lipschitz = [];
    private bool _hasLipschitz;
    private double _firstMove;

    private void EnsureRoom(int m)
    {
        if (_r.Length == 0) (_r, _v) = (new double[_z.Length], new double[_z.Length]);
        if (_position.Length == 0) _position = new int[_b.Length];
        for (int k = 0; k < m; k++) _position[_set[k]] = k;
        if (_curvature.Length >= m) return;
        int size = Math.Min(_b.Length, Math.Max(m, 2 * _curvature.Length));
        (_curvature, _before, _candidate) = (new double[size], new double[size], new double[size]);
        (_support, _direction, _full) = (new int[size], new double[size], new double[size]);
    }

    /// <summary>Curvature of the loss at the present point; of a quadratic loss once and for all.</summary>
    private void Model(bool firstTime)
    {
        _problem.Loss.Curvature(_problem.Labels, _problem.Weights, _z, _h);
        double floor = _problem.Loss.CurvatureFloor;
        if (floor > 0)
        {
            for (int i = 0; i < _h.Length; i++) _h[i] = Math.Max(_h[i], floor * _problem.Weights[i]);
        }
        if (!firstTime)
        {
            _newton.Forget();
            return;
        }
        _lipschitz = new double[_b.Length];
        for (int j = 0; j < _b.Length; j++)
        {
            _lipschitz[j] = _uniformWeight ? _largestWeight * _norms[j] * _norms[j] : _matrix.WeightedSquares(j, _h);
            // All weights of the column may be zero.
            _lipschitz[j] = Math.Max(_lipschitz[j], 1e-300);
        }
        _hasLipschitz = true;
    }

    /// <summary>Passes over the working set with an extrapolation at their end; the largest |curvature · step| of the last.</summary>
    private double Epochs(int m, int count)
    {
        double moved = 0;
        bool extrapolate = _options.Anderson && count == EpochsBetweenChecks;
        if (extrapolate)
        {
            _anderson.Reset(m);
            Remember(m);
        }
        for (int epoch = 0; epoch < count; epoch++)
        {
            moved = Epoch(m);
            _epochs++;
            if (epoch == 0) _firstMove = moved;
            if (moved == 0) return 0;
            if (extrapolate) Remember(m);
        }
        if (extrapolate && _anderson.IsFull && _anderson.Extrapolate(_candidate.AsSpan(0, m))) TryMove(m);
        return moved;
    }

    /// <summary>
    /// One step each for the coordinates that violate their conditions most, an eighth as many as are in use: after a face was solved
    /// a whole pass would bring in far more than stay. The gradient of the working set is the one of the last check.
    /// </summary>
    private double GreedyPass(int m)
    {
        int used = 0;
        ReadOnlySpan<int> set = _set.AsSpan(0, m);
        foreach (int j in set)
        {
            _priority[j] = -_penalty.Distance(j, _b[j], _c[j]) / Math.Sqrt(_lipschitz[j]);
            used += _b[j] != 0 ? 1 : 0;
        }
        int count = Math.Min(m, 16 + (used / 8));
        double threshold = Math.Min(Selection.Smallest(set, _priority, count), -1e-300), largest = 0;
        for (int k = 0; k < m; k++)
        {
            if (_priority[_set[k]] <= threshold) largest = Math.Max(largest, Move(k));
        }
        _epochs++;
        return largest;
    }

    private void Remember(int m)
    {
        Span<double> next = _anderson.Next();
        for (int k = 0; k < m; k++) next[k] = _b[_set[k]];
    }

    /// <summary>One pass: every coordinate of the set to the minimiser of the model along it. r is the model's gradient in z.</summary>
    private double Epoch(int m)
    {
        double largest = 0;
        for (int k = 0; k < m; k++) largest = Math.Max(largest, Move(k));
        return largest;
    }

    /// <summary>The k-th coordinate of the set to the minimiser of the model along it; |curvature · step|.</summary>
    private double Move(int k)
    {
        int j = _set[k];
        double a = _curvature[k], old = _b[j];
        double value = _penalty.Prox(j, old - (_matrix.Dot(j, _r) / a), a);
        double step = value - old;
        if (step == 0) return 0;
        _b[j] = value;
        if (_hasLipschitz && _uniformWeight) _matrix.AddScaled(j, step * _largestWeight, _r);
        else _matrix.AddScaledWeighted(j, step, _h, _r);
        return Math.Abs(a * step);
    }

    /// <summary>Moves the working set to the candidate if that lowers the model: r ← r + H X d.</summary>
    private bool TryMove(int m)
    {
        double change = 0;
        Array.Clear(_v);
        for (int k = 0; k < m; k++)
        {
            int j = _set[k];
            double value = Math.Min(Math.Max(_candidate[k], _penalty.Lower[j]), _penalty.Upper[j]), step = value - _b[j];
            _candidate[k] = value;
            if (step == 0) continue;
            change += _penalty.Value(j, value) - _penalty.Value(j, _b[j]);
            _matrix.AddScaled(j, step, _v);
        }
        change += VectorKernels.Dot(_r, _v) + (0.5 * ColumnKernels.DenseWeightedSquares(_v, _h));
        if (!(change < 0)) return false;
        for (int k = 0; k < m; k++) _b[_set[k]] = _candidate[k];
        ColumnKernels.DenseAddScaledWeighted(1, _v, _h, _r);
        return true;
    }

    /// <summary>
    /// Minimises the model on the coordinates away from kinks and bounds, signs kept. By conjugate gradients it is one step, shorter
    /// when it does not lower the model; by a factorisation, Newton's steps that end where a coordinate reaches its kink, which then
    /// leaves the factor (the sign-constrained half of Lee, Battle, Raina, Ng, Efficient sparse coding algorithms, NIPS 2006).
    /// </summary>
    private bool NewtonStep(int m, int block)
    {
        int s = 0;
        for (int k = 0; k < m; k++)
        {
            int j = _set[k];
            if (!_penalty.IsAtKink(j, _b[j])) _support[s++] = j;
        }
        if (s == 0) return false;
        ReadOnlySpan<int> support = _support.AsSpan(0, s);
        if (!_newton.IsDense(support)) return (block + 1) % BlocksBetweenIterations == 0 && IterativeStep(m, s);
        if (!_newton.Factor(support, _h, _penalty.L2)) return false;
        for (int pass = 0; pass < 20 + (s / 2); pass++)
        {
            support = _newton.Order;
            s = support.Length;
            if (s == 0) return true;
            Span<double> d = _direction.AsSpan(0, s);
            for (int k = 0; k < s; k++) d[k] = -FaceGradient(support[k]);
            _newton.Solve(d);
            if (!VectorKernels.AllFinite(d)) return false;
            _newtonSteps++;
            int blocking = FirstBlocking(support, d, out double t);
            if (blocking < 0)
            {
                MoveFace(support, d, 1);
                return true;
            }
            // All crossings at once when that lowers the model, else the first only.
            if (ProjectedStep(m, support, d))
            {
                for (int k = s - 1; k >= 0; k--)
                {
                    if (_penalty.IsAtKink(_newton.Order[k], _b[_newton.Order[k]])) _newton.Remove(k);
                }
                continue;
            }
            int column = support[blocking];
            double end = _b[column] + (t * d[blocking]);
            MoveFace(support, d, t);
            double place = KinkNear(column, end), rest = place - _b[column];
            if (rest != 0)
            {
                _b[column] = place;
                _matrix.AddScaledWeighted(column, rest, _h, _r);
            }
            _newton.Remove(blocking);
        }
        return true;
    }

    /// <summary>∂/∂b_j of the model where g_j is smooth.</summary>
    private double FaceGradient(int j) =>
        _matrix.Dot(j, _r) + _penalty.Linear[j] + (_penalty.L2[j] * _b[j]) + (_b[j] == 0 ? 0 : Math.CopySign(_penalty.L1[j], _b[j]));

    private double KinkNear(int j, double value)
    {
        double best = _penalty.L1[j] > 0 ? 0 : double.PositiveInfinity;
        if (Math.Abs(_penalty.Lower[j] - value) < Math.Abs(best - value)) best = _penalty.Lower[j];
        if (Math.Abs(_penalty.Upper[j] - value) < Math.Abs(best - value)) best = _penalty.Upper[j];
        return best;
    }

    /// <summary>The coordinate that reaches a kink or bound first, at step t &lt; 1; −1 when none does.</summary>
    private int FirstBlocking(ReadOnlySpan<int> support, ReadOnlySpan<double> d, out double t)
    {
        t = 1;
        int blocking = -1;
        for (int k = 0; k < support.Length; k++)
        {
            if (d[k] == 0) continue;
            int j = support[k];
            double b = _b[j], limit = d[k] > 0 ? _penalty.Upper[j] : _penalty.Lower[j];
            if (_penalty.L1[j] > 0 && b * d[k] < 0 && (d[k] > 0 ? limit > 0 : limit < 0)) limit = 0;
            double reach = (limit - b) / d[k];
            if (!(reach < t)) continue;
            t = Math.Max(0, reach);
            blocking = k;
        }
        return blocking;
    }

    private void MoveFace(ReadOnlySpan<int> support, ReadOnlySpan<double> d, double t)
    {
        if (t == 0) return;
        Array.Clear(_v);
        for (int k = 0; k < support.Length; k++)
        {
            _b[support[k]] += t * d[k];
            _matrix.AddScaled(support[k], t * d[k], _v);
        }
        ColumnKernels.DenseAddScaledWeighted(1, _v, _h, _r);
    }

    private bool ProjectedStep(int m, ReadOnlySpan<int> support, ReadOnlySpan<double> d)
    {
        for (int k = 0; k < m; k++) _candidate[k] = _b[_set[k]];
        for (int k = 0; k < support.Length; k++)
        {
            int j = support[k];
            double value = _b[j] + d[k];
            _candidate[_position[j]] = _penalty.L1[j] > 0 && value * _b[j] < 0 ? 0 : value;
        }
        return TryMove(m);
    }

    private bool IterativeStep(int m, int s)
    {
        ReadOnlySpan<int> support = _support.AsSpan(0, s);
        Span<double> d = _direction.AsSpan(0, s), q = _full.AsSpan(0, s);
        for (int k = 0; k < s; k++) q[k] = FaceGradient(support[k]);
        if (!_newton.Iterate(support, _h, _penalty.L2, q, 0.01)) return false;
        for (double t = 1; t > 0.05; t *= 0.5)
        {
            for (int k = 0; k < s; k++) d[k] = t * q[k];
            bool clipped = FirstBlocking(support, d, out _) >= 0;
            if (ProjectedStep(m, support, d))
            {
                _newtonSteps++;
                return true;
            }
            if (!clipped) return false;
        }
        return false;
    }

    /// <summary>Whether the gap and the violation over the working set are small enough; g is the gradient in z.</summary>
    private bool IsSubproblemDone(int m, double[] g, double gapGoal, double violationGoal)
    {
        ReadOnlySpan<int> set = _set.AsSpan(0, m);
        _matrix.Dots(set, g, _c);
        double largest = 1, violation = 0, value = 0;
        foreach (int j in set)
        {
            largest = Math.Max(largest, Math.Abs(_c[j]));
            violation = Math.Max(violation, _penalty.Distance(j, _b[j], _c[j]));
            value += _penalty.Value(j, _b[j]);
        }
        if (violation > violationGoal * largest) return false;
        if (double.IsInfinity(gapGoal)) return true;
        double bound = DualityGap.LowerBound(_problem, set, _b, g, _c, out _);
        return ValueAt(g) + value - bound <= gapGoal;
    }

    /// <summary>f at the point whose gradient in z is g: of a quadratic loss without z, which is behind.</summary>
    private double ValueAt(double[] g)
    {
        if (ReferenceEquals(g, _g)) return _value - _penaltyShare;
        double sum = 0;
        for (int i = 0; i < g.Length; i++)
        {
            if (_h[i] > 0) sum += g[i] * g[i] / _h[i];
        }
        return 0.5 * sum;
    }

    private double _penaltyShare;

    /// <summary>Brings z and g up to the new point, by a line search where the loss is not quadratic; the step that was taken.</summary>
    private double Advance(int m, bool quadratic)
    {
        Array.Clear(_v);
        bool moved = false;
        for (int k = 0; k < m; k++)
        {
            double step = _b[_set[k]] - _before[k];
            if (step == 0) continue;
            moved = true;
            _matrix.AddScaled(_set[k], step, _v);
        }
        if (quadratic)
        {
            VectorKernels.AddScaled(1, _v, _z);
            return 1;
        }
        if (!moved)
        {
            _penaltyShare = PenaltyValue();
            return 0;
        }
        for (int k = 0; k < m; k++) _candidate[k] = _b[_set[k]];
        double reference = _value;
        VectorKernels.AddScaled(1, _v, _z);
        double t = 1;
        while (true)
        {
            double loss = _problem.Loss.Gradient(_problem.Labels, _problem.Weights, _z, _g);
            _penaltyShare = PenaltyValue();
            _value = loss + _penaltyShare;
            if (_value <= reference + (1e-15 * Math.Abs(reference))) return t;
            double next = t > 1e-6 ? 0.5 * t : 0;
            VectorKernels.AddScaled(next - t, _v, _z);
            for (int k = 0; k < m; k++) _b[_set[k]] = next == 0 ? _before[k] : _before[k] + (next * (_candidate[k] - _before[k]));
            t = next;
            if (t == 0)
            {
                _penaltyShare = PenaltyValue();
                _value = _problem.Loss.Gradient(_problem.Labels, _problem.Weights, _z, _g) + _penaltyShare;
                return 0;
            }
        }
    }
}
