using Optc.Runtime.Native;

namespace Optc.Runtime.Solvers.CoordinateDescent;

/// <summary>Newton's steps on the coordinates of a working set that are away from their kinks.</summary>
public sealed partial class CompositeSolver
{
    /// <summary>Where a coordinate of the support stands in the working set.</summary>
    private int[] _position = [];
    private int[] _support = [];
    private double[] _direction = [];

    /// <summary>
    /// Minimises the model on the coordinates away from kinks and bounds, signs kept: Newton's steps that end where a coordinate reaches
    /// its kink, which then leaves the factor (the sign-constrained half of Lee, Battle, Raina, Ng, Efficient sparse coding algorithms,
    /// NIPS 2006). Supports too large for a factor are left to passes and their extrapolation.
    /// </summary>
    private bool NewtonStep(int m, double goal)
    {
        int s = 0;
        Room(ref _support, m);
        Room(ref _position, _b.Length);
        for (int k = 0; k < m; k++)
        {
            int j = _set[k];
            if (_penalty.IsAtKink(j, _b[j])) continue;
            _support[s++] = j;
            _position[j] = k;
        }
        if (s == 0) return false;
        ReadOnlySpan<int> support = _support.AsSpan(0, s);
        if (!_newton.IsWorthwhile(support, PassesLeft(goal)) || !_newton.Factor(support, _h, _penalty.L2)) return false;
        for (int pass = 0; pass < 20 + (s / 2); pass++)
        {
            support = _newton.Order;
            s = support.Length;
            if (s == 0) return true;
            Span<double> d = Room(ref _direction, s).AsSpan(0, s);
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

    /// <summary>Passes that the goal is away at the rate of the last ones, at most 400.</summary>
    private double PassesLeft(double goal)
    {
        double passes = Math.Log(Math.Max(1, _moved / Math.Max(goal, 1e-300))) / -Math.Log(Math.Clamp(_rate, 1e-3, 0.999));
        return Math.Min(400, passes);
    }

    /// <summary>∂/∂b_j of the model where g_j is smooth.</summary>
    private double FaceGradient(int j) =>
        _matrix.Dot(j, _r) + _penalty.LinearOf(j) + (_penalty.L2[j] * _b[j]) + (_b[j] == 0 ? 0 : Math.CopySign(_penalty.L1[j], _b[j]));

    private double KinkNear(int j, double value)
    {
        double best = _penalty.L1[j] > 0 ? 0 : double.PositiveInfinity;
        if (Math.Abs(_penalty.LowerOf(j) - value) < Math.Abs(best - value)) best = _penalty.LowerOf(j);
        if (Math.Abs(_penalty.UpperOf(j) - value) < Math.Abs(best - value)) best = _penalty.UpperOf(j);
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
            double b = _b[j], limit = d[k] > 0 ? _penalty.UpperOf(j) : _penalty.LowerOf(j);
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
        ClearForms();
        for (int k = 0; k < support.Length; k++)
        {
            _b[support[k]] += t * d[k];
            _matrix.AddScaled(support[k], t * d[k], _v);
        }
        ColumnKernels.DenseAddScaledWeighted(1, _v, _h, _r);
    }

    private bool ProjectedStep(int m, ReadOnlySpan<int> support, ReadOnlySpan<double> d)
    {
        Room(ref _candidate, m);
        for (int k = 0; k < m; k++) _candidate[k] = _b[_set[k]];
        for (int k = 0; k < support.Length; k++)
        {
            int j = support[k];
            double value = _b[j] + d[k];
            _candidate[_position[j]] = _penalty.L1[j] > 0 && value * _b[j] < 0 ? 0 : value;
        }
        return TryMove(m);
    }
}
