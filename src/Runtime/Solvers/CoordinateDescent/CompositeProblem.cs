namespace Optc.Runtime.Solvers.CoordinateDescent;

/// <summary>
/// minimise  constant + Σᵢ w_i ℓ(y_i, o_i + x_iᵀb) + Σ_j g_j(b_j)  over b in Rᵖ.
/// </summary>
public sealed class CompositeProblem
{
    /// <summary>X, n × p by columns.</summary>
    public required DesignMatrix Matrix { get; init; }

    /// <summary>ℓ.</summary>
    public required Loss Loss { get; init; }

    /// <summary>Labels y (n).</summary>
    public required double[] Labels { get; init; }

    /// <summary>Weights w ≥ 0 (n).</summary>
    public required double[] Weights { get; init; }

    /// <summary>Offsets o (n) of the linear forms; null for zero.</summary>
    public double[]? Offset { get; init; }

    /// <summary>g.</summary>
    public required SeparablePenalty Penalty { get; init; }

    /// <summary>What is added to the objective; it and the penalty may change between solves.</summary>
    public double Constant { get; set; }

    /// <summary>What is wrong with the numbers of the loss beside the matrix, for people; null when nothing is.</summary>
    public string? Refuse()
    {
        int n = Matrix.RowCount, p = Matrix.ColumnCount;
        if (Labels.Length != n || Weights.Length != n || (Offset is not null && Offset.Length != n)) return $"labels, weights and offsets must have {n} entries, as the matrix has rows";
        if (Penalty.L1.Length != p) return $"the penalty has {Penalty.L1.Length} coordinates, the matrix {p} columns";
        for (int i = 0; i < n; i++)
        {
            if (!double.IsFinite(Labels[i])) return $"label {i + 1} is {Labels[i]}";
            if (!(Weights[i] >= 0) || double.IsInfinity(Weights[i])) return $"weight {i + 1} is {Weights[i]}; weights are finite and not negative";
            if (Offset is not null && !double.IsFinite(Offset[i])) return $"offset {i + 1} is {Offset[i]}";
        }
        return Loss.Refuse(Labels);
    }

    /// <summary>What is wrong with the numbers of the penalty; null when nothing is.</summary>
    public string? RefusePenalty()
    {
        for (int j = 0; j < Penalty.L1.Length; j++)
        {
            if (!(Penalty.L1[j] >= 0) || !(Penalty.L2[j] >= 0) || !double.IsFinite(Penalty.L1[j] + Penalty.L2[j] + Penalty.LinearOf(j)))
            {
                return $"the penalty of coordinate {j + 1} is {Penalty.L1[j]} |b| + {Penalty.L2[j]}/2 b^2 + {Penalty.LinearOf(j)} b; the first two are not negative";
            }
            if (!(Penalty.LowerOf(j) <= Penalty.UpperOf(j))) return $"the bounds of coordinate {j + 1} are {Penalty.LowerOf(j)} and {Penalty.UpperOf(j)}";
        }
        return null;
    }
}
