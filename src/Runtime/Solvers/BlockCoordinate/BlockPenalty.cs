using Optc.Runtime.Solvers.CoordinateDescent;

namespace Optc.Runtime.Solvers.BlockCoordinate;

/// <summary>A group of coordinates with the penalty w ‖x_G‖₂.</summary>
/// <param name="Members">The coordinates, none twice.</param>
/// <param name="Weight">w ≥ 0.</param>
public sealed record PenaltyGroup(int[] Members, double Weight);

/// <summary>
/// Σ_j g_j(x_j) + Σ_G w_G ‖x_G‖₂ over disjoint groups of coordinates: the part of an objective that is not smooth, with the
/// quadratic and linear parts of g counted as smooth. It falls apart into atoms: a group, or a coordinate that is in none.
/// </summary>
public sealed class BlockPenalty
{
    private readonly int[] _starts, _members, _atomOf;
    private readonly double[] _weights, _lowerEdge, _upperEdge;

    /// <summary>Throws <see cref="ArgumentException"/> where groups overlap or their coordinates have bounds.</summary>
    public BlockPenalty(SeparablePenalty separable, IReadOnlyList<PenaltyGroup>? groups = null)
    {
        ArgumentNullException.ThrowIfNull(separable);
        Separable = separable;
        int n = separable.L1.Length;
        (_lowerEdge, _upperEdge) = (Array.ConvertAll(separable.Lower, l => l + Rounding(l)), Array.ConvertAll(separable.Upper, u => u - Rounding(u)));
        _atomOf = new int[n];
        Array.Fill(_atomOf, -1);
        groups ??= [];
        for (int g = 0; g < groups.Count; g++)
        {
            if (!(groups[g].Weight >= 0) || double.IsInfinity(groups[g].Weight)) throw new ArgumentException($"Group {g + 1} has the weight {groups[g].Weight}; weights are finite and not negative.");
            foreach (int j in groups[g].Members)
            {
                if (_atomOf[j] >= 0) throw new ArgumentException($"Coordinate {j + 1} is in two groups; groups do not overlap.");
                if (!double.IsInfinity(separable.Lower[j]) || !double.IsInfinity(separable.Upper[j])) throw new ArgumentException($"Coordinate {j + 1} is in a group and has bounds; the proximal operator of both is not known.");
                _atomOf[j] = g;
            }
        }
        // Atoms in the order of their first coordinates.
        var (starts, members, weights) = (new List<int> { 0 }, new List<int>(n), new List<double>());
        int[] numberOf = new int[groups.Count];
        Array.Fill(numberOf, -1);
        for (int j = 0; j < n; j++)
        {
            int g = _atomOf[j];
            if (g >= 0 && numberOf[g] >= 0)
            {
                _atomOf[j] = numberOf[g];
                continue;
            }
            _atomOf[j] = weights.Count;
            if (g >= 0) numberOf[g] = weights.Count;
            members.AddRange(g >= 0 ? groups[g].Members : [j]);
            weights.Add(g >= 0 ? groups[g].Weight : 0);
            starts.Add(members.Count);
        }
        (_starts, _members, _weights) = ([.. starts], [.. members], [.. weights]);
    }

    /// <summary>The g_j.</summary>
    public SeparablePenalty Separable { get; }

    /// <summary>Number of coordinates n.</summary>
    public int VariableCount => _atomOf.Length;

    /// <summary>Number of atoms.</summary>
    public int AtomCount => _weights.Length;

    /// <summary>The atom of a coordinate.</summary>
    public int AtomOf(int j) => _atomOf[j];

    /// <summary>The coordinates of an atom.</summary>
    public ReadOnlySpan<int> Members(int atom) => _members.AsSpan(_starts[atom], _starts[atom + 1] - _starts[atom]);

    /// <summary>w_G; 0 for a coordinate without a group.</summary>
    public double Weight(int atom) => _weights[atom];

    /// <summary>Derivative of the quadratic and linear parts of g_j.</summary>
    public double Slope(int j, double x) => Separable.Linear[j] + (Separable.L2[j] * x);

    /// <summary>x_j moved into its bounds.</summary>
    public double Clamp(int j, double x) => Math.Min(Math.Max(x, Separable.Lower[j]), Separable.Upper[j]);

    /// <summary>The whole penalty at x (n), which lies within the bounds.</summary>
    public double Value(ReadOnlySpan<double> x)
    {
        double sum = 0;
        for (int a = 0; a < AtomCount; a++) sum += Value(a, x);
        return sum;
    }

    /// <summary>The part of one atom.</summary>
    public double Value(int atom, ReadOnlySpan<double> x)
    {
        double sum = 0, squares = 0;
        foreach (int j in Members(atom))
        {
            sum += Separable.Value(j, x[j]);
            squares += x[j] * x[j];
        }
        return sum + (_weights[atom] > 0 ? _weights[atom] * Math.Sqrt(squares) : 0);
    }

    /// <summary>
    /// The step d of an atom that minimises sᵀd + ½h‖d‖² + λ|x + d| + w‖x + d‖ within the bounds, and what it gains:
    /// minus that minimum (the decrease of the GS-q rule). The quadratic and linear parts of g belong to s and h.
    /// </summary>
    /// <param name="atom">The atom.</param>
    /// <param name="x">The point (n).</param>
    /// <param name="slopes">s, by place in the atom.</param>
    /// <param name="h">h &gt; 0.</param>
    /// <param name="step">d, by place in the atom.</param>
    public double ProximalStep(int atom, ReadOnlySpan<double> x, ReadOnlySpan<double> slopes, double h, Span<double> step)
    {
        ReadOnlySpan<int> members = Members(atom);
        double weight = _weights[atom], before = 0, after = 0, squares = 0;
        for (int k = 0; k < members.Length; k++)
        {
            int j = members[k];
            double v = x[j] - (slopes[k] / h), size = Math.Abs(v) - (Separable.L1[j] / h);
            step[k] = size <= 0 ? 0 : Math.CopySign(size, v);
            if (weight == 0) step[k] = Clamp(j, step[k]);
            squares += step[k] * step[k];
            before += x[j] * x[j];
        }
        double shrink = 1;
        if (weight > 0)
        {
            double norm = Math.Sqrt(squares);
            shrink = norm * h <= weight ? 0 : 1 - (weight / (h * norm));
            (before, after) = (weight * Math.Sqrt(before), weight * shrink * norm);
        }
        else
        {
            before = 0;
        }
        double gain = before - after, least = 0;
        for (int k = 0; k < members.Length; k++)
        {
            int j = members[k];
            double target = shrink * step[k], d = target - x[j];
            gain -= (d * (slopes[k] + (0.5 * h * d))) + (Separable.L1[j] * (Math.Abs(target) - Math.Abs(x[j])));
            step[k] = d;
            least += 0.5 * h * d * d;
        }
        // The model is strongly convex, so that rounding alone can make the gain smaller.
        return Math.Max(gain, least);
    }

    /// <summary>Distance of −s to the subdifferential of λ|x| + w‖x‖ + indicator of the bounds at an atom, in the Euclidean norm.</summary>
    public double Distance(int atom, ReadOnlySpan<double> x, ReadOnlySpan<double> slopes)
    {
        ReadOnlySpan<int> members = Members(atom);
        double norm = Norm(atom, x), squares = 0;
        for (int k = 0; k < members.Length; k++)
        {
            double rest = Rest(atom, members[k], x, norm, slopes[k]);
            squares += rest * rest;
        }
        double length = Math.Sqrt(squares);
        return _weights[atom] > 0 && norm == 0 ? Math.Max(0, length - _weights[atom]) : length;
    }

    /// <summary>The element of s plus that subdifferential whose length is the distance, by place in the atom.</summary>
    public void Remainder(int atom, ReadOnlySpan<double> x, ReadOnlySpan<double> slopes, Span<double> remainder)
    {
        ReadOnlySpan<int> members = Members(atom);
        double norm = Norm(atom, x), squares = 0;
        for (int k = 0; k < members.Length; k++)
        {
            remainder[k] = Rest(atom, members[k], x, norm, slopes[k]);
            squares += remainder[k] * remainder[k];
        }
        if (_weights[atom] == 0 || norm > 0) return;
        double length = Math.Sqrt(squares), left = length > _weights[atom] ? 1 - (_weights[atom] / length) : 0;
        for (int k = 0; k < members.Length; k++) remainder[k] *= left;
    }

    /// <summary>‖x_G‖; 0 for a coordinate without a group.</summary>
    private double Norm(int atom, ReadOnlySpan<double> x)
    {
        if (_weights[atom] == 0) return 0;
        double squares = 0;
        foreach (int j in Members(atom)) squares += x[j] * x[j];
        return Math.Sqrt(squares);
    }

    /// <summary>What λ|x_j|, the bounds and, away from its kink, the norm leave of a slope.</summary>
    private double Rest(int atom, int j, ReadOnlySpan<double> x, double norm, double slope)
    {
        double q = -slope - (norm > 0 ? _weights[atom] * x[j] / norm : 0), l1 = Separable.L1[j];
        double low = x[j] > 0 ? l1 : -l1, high = x[j] < 0 ? -l1 : l1;
        if (x[j] <= _lowerEdge[j]) low = double.NegativeInfinity;
        if (x[j] >= _upperEdge[j]) high = double.PositiveInfinity;
        return q < low ? low - q : q > high ? high - q : 0;
    }

    /// <summary>Whether coordinate j rests at a kink or bound.</summary>
    public bool IsAtKink(int j, ReadOnlySpan<double> x)
    {
        if (x[j] <= _lowerEdge[j] || x[j] >= _upperEdge[j] || (x[j] == 0 && Separable.L1[j] > 0)) return true;
        if (_weights[_atomOf[j]] == 0) return false;
        foreach (int k in Members(_atomOf[j]))
        {
            if (x[k] != 0) return false;
        }
        return true;
    }

    /// <summary>Steps end this far from a bound: x + (u − x) is not always u.</summary>
    private static double Rounding(double bound) => double.IsInfinity(bound) ? 0 : 4e-16 * Math.Abs(bound);
}
