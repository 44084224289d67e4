using Optc.Runtime.Problems;

namespace Optc.Runtime.Tests.Models;

/// <summary>Hock and Schittkowski's problem 71 written out, without any allocation; the side of the product may be set.</summary>
internal sealed class Hs071 : INlpProblem
{
    private readonly double[] _start = [1, 5, 5, 1];
    private readonly double[] _lower = [1, 1, 1, 1];
    private readonly double[] _upper = [5, 5, 5, 5];
    private readonly double[] _sideLower = [25, 40];
    private readonly double[] _sideUpper = [double.PositiveInfinity, 40];

    public double Product { set => _sideLower[0] = value; }

    public int VariableCount => 4;

    public int ConstraintCount => 2;

    public ReadOnlySpan<double> VariableLower => _lower;

    public ReadOnlySpan<double> VariableUpper => _upper;

    public ReadOnlySpan<double> ConstraintLower => _sideLower;

    public ReadOnlySpan<double> ConstraintUpper => _sideUpper;

    public ReadOnlySpan<double> Start => _start;

    public ProblemStructure Structure => ProblemStructure.General;

    public SparsePattern JacobianPattern { get; } = new(2, 4, [0, 4, 8], [0, 1, 2, 3, 0, 1, 2, 3]);

    public SparsePattern HessianPattern { get; } = new(4, 4, [0, 4, 7, 9, 10], [0, 1, 2, 3, 1, 2, 3, 2, 3, 3]);

    public double Objective(ReadOnlySpan<double> x) => x[0] * x[3] * (x[0] + x[1] + x[2]) + x[2];

    public double Gradient(ReadOnlySpan<double> x, Span<double> gradient)
    {
        gradient[0] = x[3] * (2 * x[0] + x[1] + x[2]);
        gradient[1] = x[0] * x[3];
        gradient[2] = x[0] * x[3] + 1;
        gradient[3] = x[0] * (x[0] + x[1] + x[2]);
        return Objective(x);
    }

    public void Constraints(ReadOnlySpan<double> x, Span<double> values)
    {
        values[0] = x[0] * x[1] * x[2] * x[3];
        values[1] = x[0] * x[0] + x[1] * x[1] + x[2] * x[2] + x[3] * x[3];
    }

    public void Jacobian(ReadOnlySpan<double> x, Span<double> values)
    {
        values[0] = x[1] * x[2] * x[3];
        values[1] = x[0] * x[2] * x[3];
        values[2] = x[0] * x[1] * x[3];
        values[3] = x[0] * x[1] * x[2];
        for (int j = 0; j < 4; j++) values[4 + j] = 2 * x[j];
    }

    public void Hessian(ReadOnlySpan<double> x, double objectiveWeight, ReadOnlySpan<double> constraintWeights, Span<double> values)
    {
        double s = objectiveWeight, p = constraintWeights[0], q = 2 * constraintWeights[1];
        values[0] = s * 2 * x[3] + q;
        values[1] = s * x[3] + p * x[2] * x[3];
        values[2] = s * x[3] + p * x[1] * x[3];
        values[3] = s * (2 * x[0] + x[1] + x[2]) + p * x[1] * x[2];
        values[4] = q;
        values[5] = p * x[0] * x[3];
        values[6] = s * x[0] + p * x[0] * x[2];
        values[7] = q;
        values[8] = s * x[0] + p * x[0] * x[1];
        values[9] = q;
    }
}
