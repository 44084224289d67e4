using System.Diagnostics;
using System.Runtime.CompilerServices;
using Optc.Runtime.Native;

namespace Optc.Runtime.Solvers.CoordinateDescent;

/// <summary>The subproblem of a working set.</summary>
public sealed partial class CompositeSolver
{
    /// <summary>Share of the outer gap or violation to which a subproblem on all coordinates is solved.</summary>
    private const double Share = 0.2;

    /// <summary>A set is solved further, below that share, by so many of the passes that cost as much as the gradient of all.</summary>
    private const double Depth = 0.6;

    /// <summary>Share of the tolerance that a set is solved to: the gap of all is not much larger once hardly any coordinates come into use.</summary>
    private const double Safety = 0.9;

    private const int EpochsBetweenChecks = 5;

    private const int MaxBlocks = 400;

    private readonly Anderson _anderson = new();
    private readonly SupportNewton _newton;
    private readonly bool _isQuadratic, _isUniform;

    /// <summary>The model's gradient in z.</summary>
    private readonly double[] _r;

    /// <summary>Second derivatives of the model: of a quadratic loss for all coordinates, else for the live ones.</summary>
    private double[] _curvature = [];
    private double[] _before = [], _candidate = [], _v = [];
    private int[] _live = [];
    private int _liveCount;
    private bool _hasCurvature;
    private double _gapGoal, _violationGoal, _care, _modelMove, _moved, _rate = 1;

    /// <summary>Minimises over the working set until its own gap and violation are a share of those outside.</summary>
    private void Descend(CancellationToken cancellation, double seconds)
    {
        int m = _setCount;
        Room(ref _live, m);
        long start = Stopwatch.GetTimestamp();
        _care = 1;
        bool quadratic = _isQuadratic;
        if (quadratic && !_hasCurvature) FindCurvature();
        LeaveMeasurement();
        Revive(m, _violation * _largest);
        for (int model = 0; model < MaxBlocks; model++)
        {
            if (!quadratic) Model(m);
            int blocks = quadratic ? MaxBlocks : 4;
            _modelMove = double.NaN;
            bool faceSolved = false;
            for (int block = 0; block < blocks; block++)
            {
                // Where Newton's step went all the way, single passes bring in what is missing.
                if (faceSolved && quadratic) _moved = GreedyPass(m);
                else Epochs(m, faceSolved ? 1 : EpochsBetweenChecks);
                double goal = MoveGoal();
                bool likely = _moved * _rate <= goal;
                if (!quadratic)
                {
                    if (likely) break;
                    if (_options.Newton) faceSolved = NewtonStep(m, goal);
                    continue;
                }
                // The gradient of all costs little more than that of most, and on the way nobody asks how good the point is.
                if (likely && (m > 0.25 * _activeCount || _isApproaching) && !faceSolved) break;
                faceSolved = _options.Newton && !likely && NewtonStep(m, goal);
                if (likely || faceSolved || block % 4 == 3)
                {
                    if (IsSubproblemDone(m, _r)) break;
                    if (likely && _liveCount == m) _care *= 0.25;
                    ReviveAll(m);
                }
                if (cancellation.IsCancellationRequested || Stopwatch.GetElapsedTime(start).TotalSeconds > seconds || _epochs >= _options.MaxEpochs) break;
            }
            double step = Advance(m, quadratic);
            if (quadratic) return;
            if (step == 0) return;
            // The next model begins where the last pass of this one ended; until that is near the goal, what rests may rest.
            if (_moved <= 2 * OuterMoveGoal() || model % 8 == 7)
            {
                if (m > 0.25 * _activeCount || IsSubproblemDone(m, _g)) return;
                _care *= 0.5;
                ReviveAll(m);
            }
            if (cancellation.IsCancellationRequested || Stopwatch.GetElapsedTime(start).TotalSeconds > seconds || _epochs >= _options.MaxEpochs) return;
        }
    }

    /// <summary>
    /// The gap and the violation at which the set is solved: the cheaper a pass over what is live, beside the gradient of all, and the
    /// more it reduces, the further; to the end once hardly any coordinates come into use; no further than the share under a penalty that is
    /// on the way only.
    /// </summary>
    private void Aim()
    {
        double passes = _activeCount / (double)Math.Max(1, _liveCount);
        double share = _isSettled ? 0 : _isApproaching ? Share : Share * Math.Max(1e-7, Math.Pow(Math.Clamp(_rate, 0.1, 1), Depth * passes));
        (_gapGoal, _violationGoal) = (double.PositiveInfinity, double.PositiveInfinity);
        if (!double.IsInfinity(_gap)) _gapGoal = Math.Max((_isStronglyConvex ? share * share : share) * _gap, Safety * _options.GapTolerance * _nullValue);
        if (double.IsFinite(_options.Tolerance) || double.IsInfinity(_gap)) _violationGoal = Math.Max(share * _violation, 0.5 * Math.Min(_options.Tolerance, 1e-6));
    }

    /// <summary>
    /// The largest |curvature · step| of a pass that lets expect the goals, as the gap falls with the violation, or with its square where
    /// every g_j is strongly convex and the gradient needs no scaling to be dual feasible; a model of a loss that is not quadratic
    /// deserves a tenth of the one that it began with.
    /// </summary>
    private double MoveGoal() => _isQuadratic ? OuterMoveGoal() : Math.Max(0.1 * _modelMove, OuterMoveGoal());

    private double OuterMoveGoal()
    {
        Aim();
        double share = _gapGoal / Math.Max(_gap, 1e-300);
        if (_isStronglyConvex) share = Math.Sqrt(share);
        double goal = double.IsInfinity(_gap) ? _violationGoal : Math.Min(_violationGoal, _violation * share);
        return _care * _largest * goal;
    }

    /// <summary>All of the set take part in passes again.</summary>
    private void ReviveAll(int m)
    {
        for (int k = 0; k < m; k++) _live[k] = k;
        _liveCount = m;
    }

    /// <summary>All of the set take part in passes but those at zero whose partial derivative is inside by the slack.</summary>
    private void Revive(int m, double slack)
    {
        _liveCount = 0;
        for (int k = 0; k < m; k++)
        {
            int j = _set[k];
            if (_b[j] != 0 || !(Math.Abs(_c[j] + _penalty.LinearOf(j)) + slack < _penalty.L1[j])) _live[_liveCount++] = k;
        }
    }

    /// <summary>The array, or a longer one in its place: what a solve has no use for takes no memory.</summary>
    private T[] Room<T>(ref T[] array, int m)
    {
        if (array.Length < m) array = new T[Math.Min(_b.Length, Math.Max(m, 2 * array.Length))];
        return array;
    }

    /// <summary>Second derivatives of a quadratic loss along all coordinates, once and for all.</summary>
    private void FindCurvature()
    {
        _curvature = new double[_b.Length];
        for (int j = 0; j < _b.Length; j++)
        {
            double curvature = _isUniform ? _largestWeight * _norms[j] * _norms[j] : _matrix.WeightedSquares(j, _h);
            // All weights of the column may be zero.
            _curvature[j] = Math.Max(curvature, 1e-300);
        }
        _hasCurvature = true;
    }

    /// <summary>A quadratic model of the loss at the present point, and its second derivatives along the coordinates that may move before the next.</summary>
    private void Model(int m)
    {
        _problem.Loss.Curvature(_problem.Labels, _problem.Weights, _z, _h);
        double floor = _problem.Loss.CurvatureFloor;
        if (floor > 0)
        {
            for (int i = 0; i < _h.Length; i++) _h[i] = Math.Max(_h[i], floor * _problem.Weights[i]);
        }
        _newton.Forget();
        Room(ref _before, m);
        for (int k = 0; k < m; k++) _before[k] = _b[_set[k]];
        if (_curvature.Length == 0) _curvature = new double[_b.Length];
        foreach (int k in _live.AsSpan(0, _liveCount)) _curvature[_set[k]] = Math.Max(_matrix.WeightedSquares(_set[k], _h), 1e-300);
        _g.CopyTo(_r, 0);
    }

    /// <summary>
    /// Passes over the live coordinates of the set, until the next is expected below the goal; slow ones are extrapolated at their end.
    /// </summary>
    private void Epochs(int m, int count)
    {
        bool extrapolate = _options.Anderson && count == EpochsBetweenChecks;
        if (extrapolate)
        {
            _anderson.Reset(m);
            Remember(m);
        }
        double slack = double.PositiveInfinity;
        for (int epoch = 0; epoch < count; epoch++)
        {
            double before = _moved;
            _moved = Epoch(slack);
            _epochs++;
            if (double.IsNaN(_modelMove)) _modelMove = _moved;
            if (epoch > 0) _rate = Math.Min(_moved / before, 1);
            if (epoch > 0 && _isSettled) Relax();
            if (_moved == 0 || (epoch > 0 && _moved * _rate <= MoveGoal())) return;
            slack = 0.1 * _moved;
            if (extrapolate) Remember(m);
        }
        if (extrapolate && _rate > 0.6 && _anderson.IsFull && _anderson.Extrapolate(Room(ref _candidate, m).AsSpan(0, m)))
        {
            KeepSigns(m);
            TryMove(m);
        }
    }

    /// <summary>
    /// Candidates stop at zero where the coordinate is at it or would cross it: one with the wrong sign, or one that rests and is sent
    /// away, would violate its condition by 2λ until the next pass over all of the set.
    /// </summary>
    private void KeepSigns(int m)
    {
        for (int k = 0; k < m; k++)
        {
            int j = _set[k];
            if (_penalty.L1[j] > 0 && !(_candidate[k] * _b[j] > 0)) _candidate[k] = 0;
        }
    }

    /// <summary>
    /// One step each for the coordinates that violate their conditions most, an eighth as many as are in use: after a face was solved
    /// a whole pass would bring in far more than stay. The gradient of the working set is the one of the last check.
    /// </summary>
    private double GreedyPass(int m)
    {
        int used = 0;
        for (int k = 0; k < m; k++)
        {
            _keys[k] = Urge(_set[k]);
            used += _b[_set[k]] != 0 ? 1 : 0;
        }
        int count = Math.Min(m, 16 + (used / 8));
        double threshold = Math.Min(Selection.Smallest(_keys.AsSpan(0, m), count), -1e-300), largest = 0;
        foreach (int j in _set.AsSpan(0, m))
        {
            if (Urge(j) <= threshold) largest = Math.Max(largest, Move(j));
        }
        _epochs++;
        return largest;
    }

    /// <summary>Minus the violation of coordinate j over the root of its curvature: the least goes first.</summary>
    private double Urge(int j) => -_penalty.Distance(j, _b[j], _c[j]) / Math.Sqrt(_curvature[j]);

    private void Remember(int m)
    {
        Span<double> next = _anderson.Next();
        for (int k = 0; k < m; k++) next[k] = _b[_set[k]];
    }

    /// <summary>
    /// One pass: every live coordinate to the minimiser of the model along it; the largest |curvature · step|. r is the model's gradient
    /// in z. Those at zero whose partial derivative is further inside than the slack, or than its change since the last pass, rest
    /// from then on.
    /// </summary>
    private double Epoch(double slack)
    {
        double[] b = _b, c = _c, curvature = _curvature;
        int[] set = _set, live = _live;
        bool mayRest = double.IsFinite(slack), isPlain = _isPlain;
        double largest = 0;
        int kept = 0, count = _liveCount;
        for (int q = 0; q < count; q++)
        {
            int k = live[q], j = set[k], next = set[live[Math.Min(q + DesignMatrix.Ahead, count - 1)]];
            double a = curvature[j], old = b[j], slope = _matrix.Dot(j, next, _r), change = Math.Abs(slope - c[j]);
            c[j] = slope;
            double value = isPlain ? PlainProx(j, (a * old) - slope, a) : _penalty.Prox(j, old - (slope / a), a), step = value - old;
            if (_relaxation > 1) step = Relaxed(j, old, ref value);
            if (step != 0)
            {
                Shift(j, value, step);
                largest = Math.Max(largest, Math.Abs(a * step));
            }
            else if (mayRest && old == 0 && Math.Abs(slope + _penalty.LinearOf(j)) + Math.Min(slack, change) < _penalty.L1[j])
            {
                continue;
            }
            live[kept++] = k;
        }
        _liveCount = kept;
        return largest;
    }

    /// <summary>
    /// The step times the factor of relaxation where that crosses neither zero nor a bound: it then lowers the model as any factor below
    /// two does.
    /// </summary>
    private double Relaxed(int j, double old, ref double value)
    {
        double further = old + (_relaxation * (value - old));
        if (old * value > 0 && further * value > 0 && further >= _penalty.LowerOf(j) && further <= _penalty.UpperOf(j)) value = further;
        return value - old;
    }

    /// <summary>argmin ½ a t² − v t + λ_j |t| + ½ κ_j t².</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private double PlainProx(int j, double v, double a)
    {
        double size = Math.Abs(v) - _penalty.L1[j];
        return size <= 0 ? 0 : Math.CopySign(size, v) / (a + _penalty.L2[j]);
    }

    /// <summary>Coordinate j to the minimiser of the model along it; |curvature · step|.</summary>
    private double Move(int j)
    {
        double a = _curvature[j], old = _b[j];
        double value = _penalty.Prox(j, old - (_matrix.Dot(j, _r) / a), a);
        double step = value - old;
        if (step == 0) return 0;
        Shift(j, value, step);
        return Math.Abs(a * step);
    }

    private void Shift(int j, double value, double step)
    {
        _b[j] = value;
        if (_isUniform) _matrix.AddScaled(j, step * _largestWeight, _r);
        else _matrix.AddScaledWeighted(j, step, _h, _r);
    }

    /// <summary>Moves the working set to the candidate if that lowers the model: r ← r + H X d.</summary>
    private bool TryMove(int m)
    {
        double change = 0;
        ClearForms();
        for (int k = 0; k < m; k++)
        {
            int j = _set[k];
            double value = _penalty.Clamp(j, _candidate[k]), step = value - _b[j];
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

    /// <summary>v ← 0.</summary>
    private void ClearForms()
    {
        if (_v.Length == 0) _v = new double[_z.Length];
        else Array.Clear(_v);
    }

    /// <summary>Whether the gap and the violation over the working set are small enough; g is the gradient in z.</summary>
    private bool IsSubproblemDone(int m, double[] g)
    {
        ReadOnlySpan<int> set = _set.AsSpan(0, m);
        _matrix.Dots(set, g, _c);
        double violation = LargestDistance(set, out double largest), value = 0;
        foreach (int j in set)
        {
            if (_b[j] != 0) value += _penalty.Value(j, _b[j]);
        }
        if (violation > _violationGoal * largest) return false;
        if (double.IsInfinity(_gapGoal)) return true;
        double bound = DualityGap.LowerBound(_problem, set, _b, g, _c, _isPlain, out _);
        return ValueAt(g) + value - bound <= _gapGoal;
    }

    /// <summary>f at the point whose gradient in z is g: of a quadratic loss without z, which is behind.</summary>
    private double ValueAt(double[] g)
    {
        if (!_isQuadratic) return _value - _penaltyShare;
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
        if (quadratic)
        {
            _problem.Loss.Forms(_problem.Labels, _problem.Weights, _r, _z);
            return 1;
        }
        ClearForms();
        bool moved = false;
        for (int k = 0; k < m; k++)
        {
            double step = _b[_set[k]] - _before[k];
            if (step == 0) continue;
            moved = true;
            _matrix.AddScaled(_set[k], step, _v);
        }
        if (!moved)
        {
            _penaltyShare = PenaltyValue();
            return 0;
        }
        Room(ref _candidate, m);
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
