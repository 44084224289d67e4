using Optc.Runtime.Problems;

namespace Optc.Runtime.Tests.Models;

/// <summary>½xᵀPx + qᵀx subject to rows L ≤ Ax + c ≤ U and bounds, all dense: what tests compute themselves they read from here.</summary>
internal sealed class DenseProgram : INlpProblem
{
    private readonly double[] _start;
    private readonly double[] _constants;

    public DenseProgram(double[,] p, double[] q, double[,] a, double[] rowLower, double[] rowUpper, double[] lower, double[] upper, double[]? start = null, double[]? constants = null)
    {
        (P, Q, A, RowLower, RowUpper, Lower, Upper) = (p, q, a, rowLower, rowUpper, lower, upper);
        int n = q.Length, m = rowLower.Length;
        _start = start ?? new double[n];
        _constants = constants ?? new double[m];
        JacobianPattern = new SparsePattern(m, n, [.. Enumerable.Range(0, m + 1).Select(i => i * n)], [.. Enumerable.Range(0, m * n).Select(k => k % n)]);
        int[] starts = new int[n + 1];
        for (int j = 0; j < n; j++) starts[j + 1] = starts[j] + n - j;
        HessianPattern = new SparsePattern(n, n, starts, [.. Enumerable.Range(0, n).SelectMany(j => Enumerable.Range(j, n - j))]);
        bool isLinear = p.Cast<double>().All(v => v == 0.0);
        Structure = new ProblemStructure
        {
            Class = isLinear ? ProblemClass.Linear : ProblemClass.Quadratic,
            ObjectiveIsLinear = isLinear,
            ConstraintIsLinear = [.. Enumerable.Repeat(true, m)],
        };
    }

    public double[,] P { get; }

    public double[] Q { get; }

    public double[,] A { get; }

    public double[] RowLower { get; }

    public double[] RowUpper { get; }

    public double[] Lower { get; }

    public double[] Upper { get; }

    public int VariableCount => Q.Length;

    public int ConstraintCount => RowLower.Length;

    public ReadOnlySpan<double> VariableLower => Lower;

    public ReadOnlySpan<double> VariableUpper => Upper;

    public ReadOnlySpan<double> ConstraintLower => RowLower;

    public ReadOnlySpan<double> ConstraintUpper => RowUpper;

    public ReadOnlySpan<double> Start => _start;

    public ProblemStructure Structure { get; init; }

    public SparsePattern JacobianPattern { get; }

    public SparsePattern HessianPattern { get; }

    public double Objective(ReadOnlySpan<double> x)
    {
        double f = 0.0;
        for (int i = 0; i < x.Length; i++)
        {
            f += Q[i] * x[i];
            for (int j = 0; j < x.Length; j++) f += 0.5 * x[i] * P[i, j] * x[j];
        }
        return f;
    }

    public double Gradient(ReadOnlySpan<double> x, Span<double> gradient)
    {
        for (int i = 0; i < x.Length; i++)
        {
            gradient[i] = Q[i];
            for (int j = 0; j < x.Length; j++) gradient[i] += P[i, j] * x[j];
        }
        return Objective(x);
    }

    public void Constraints(ReadOnlySpan<double> x, Span<double> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = _constants[i];
            for (int j = 0; j < x.Length; j++) values[i] += A[i, j] * x[j];
        }
    }

    public void Jacobian(ReadOnlySpan<double> x, Span<double> values)
    {
        for (int i = 0; i < RowLower.Length; i++)
        {
            for (int j = 0; j < Q.Length; j++) values[(i * Q.Length) + j] = A[i, j];
        }
    }

    public void Hessian(ReadOnlySpan<double> x, double objectiveWeight, ReadOnlySpan<double> constraintWeights, Span<double> values)
    {
        for (int j = 0, k = 0; j < Q.Length; j++)
        {
            for (int i = j; i < Q.Length; i++) values[k++] = objectiveWeight * P[i, j];
        }
    }
}
