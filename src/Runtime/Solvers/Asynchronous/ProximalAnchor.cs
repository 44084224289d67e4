using Optc.Runtime.Solvers.BlockCoordinate;

namespace Optc.Runtime.Solvers.Asynchronous;

/// <summary>
/// The centre c of the proximal term ½‖x − c‖²_Σ that holds the blocks together. It moves by the accelerated hybrid proximal extragradient method (Monteiro,
/// Svaiter, SIAM J. Optim. 23, 2013, section 3, λ = 1): when the workers' y has an e in ∂F(y) + Σ(y − c) with ‖e‖_Σ⁻¹ ≤ δ ‖y − c‖_Σ, δ &lt; 1, then
/// <code>z ← z − a Σ⁻¹v,  v = e − Σ(y − c) ∈ ∂F(y),   A ← A + a,   a = ½(1 + √(1 + 4A)),   c = (A y + a z)/(A + a),</code>
/// F(y) − F* ≤ ‖x₀ − x*‖²_Σ/(2A). It begins anew when y moves uphill (O'Donoghue, Candès, Found. Comput. Math. 15, 2015).
/// </summary>
internal sealed class ProximalAnchor
{
    /// <summary>δ.</summary>
    private const double Relative = 0.9;

    private readonly BlockPenalty _penalty;
    private readonly double[] _weights, _rest, _atomSlopes, _atomRest, _ahead, _last;
    private double _sum, _step = 1.0;

    /// <param name="penalty">The part of F that is not smooth.</param>
    /// <param name="weights">Σ's diagonal (n), positive.</param>
    /// <param name="start">Where to begin (n).</param>
    public ProximalAnchor(BlockPenalty penalty, double[] weights, double[] start)
    {
        (_penalty, _weights) = (penalty, weights);
        (_rest, _atomSlopes, _atomRest) = (new double[start.Length], new double[start.Length], new double[start.Length]);
        (_ahead, _last, Centre) = ((double[])start.Clone(), (double[])start.Clone(), (double[])start.Clone());
    }

    /// <summary>c (n).</summary>
    public double[] Centre { get; }

    /// <summary>Moves.</summary>
    public int Moves { get; private set; }

    /// <summary>Moves the centre if y is near enough to the solution with the one it has.</summary>
    /// <param name="y">A point within the bounds.</param>
    /// <param name="slopes">The gradient at y of everything that is smooth in F.</param>
    public bool Move(ReadOnlySpan<double> y, ReadOnlySpan<double> slopes)
    {
        if (!IsNear(y, slopes)) return false;
        double uphill = 0.0;
        for (int j = 0; j < y.Length; j++) uphill += Subgradient(j, y) * (y[j] - _last[j]);
        if (uphill > 0.0)
        {
            y.CopyTo(_ahead);
            (_sum, _step) = (0.0, 1.0);
        }
        else
        {
            for (int j = 0; j < y.Length; j++) _ahead[j] -= _step * Subgradient(j, y) / _weights[j];
            _sum += _step;
            _step = 0.5 * (1.0 + Math.Sqrt(1.0 + (4.0 * _sum)));
        }
        y.CopyTo(_last);
        for (int j = 0; j < y.Length; j++) Centre[j] = ((_sum * y[j]) + (_step * _ahead[j])) / (_sum + _step);
        Moves++;
        return true;
    }

    private double Subgradient(int j, ReadOnlySpan<double> y) => _rest[j] - (_weights[j] * (y[j] - Centre[j]));

    private bool IsNear(ReadOnlySpan<double> y, ReadOnlySpan<double> slopes)
    {
        double error = 0.0, distance = 0.0;
        for (int a = 0; a < _penalty.AtomCount; a++)
        {
            ReadOnlySpan<int> members = _penalty.Members(a);
            for (int k = 0; k < members.Length; k++)
            {
                int j = members[k];
                double gap = y[j] - Centre[j];
                _atomSlopes[k] = slopes[j] + (_weights[j] * gap);
                distance += _weights[j] * gap * gap;
            }
            _penalty.Remainder(a, y, _atomSlopes.AsSpan(0, members.Length), _atomRest.AsSpan(0, members.Length));
            for (int k = 0; k < members.Length; k++)
            {
                int j = members[k];
                _rest[j] = _atomRest[k];
                error += _rest[j] * _rest[j] / _weights[j];
            }
        }
        return error <= Relative * Relative * distance;
    }
}
