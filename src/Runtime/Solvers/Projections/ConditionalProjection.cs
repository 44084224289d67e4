namespace Optc.Runtime.Solvers.Projections;

/// <summary>
/// z = if d ≥ 0 then a else b, or if d = 0 then a else b: the nearer of two branches, each with d on its side of the switching point by a margin. Operands
/// z d, then a and b as far as they are no constants.
/// </summary>
/// <param name="whenTrue">a where it is a constant; NaN where it is an operand.</param>
/// <param name="whenFalse">b, likewise.</param>
/// <param name="isEquality">Whether the condition is d = 0.</param>
/// <param name="margin">Distance of d to the switching point.</param>
public sealed class ConditionalProjection(double whenTrue, double whenFalse, bool isEquality, double margin) : IProjection
{
    private readonly int _true = double.IsNaN(whenTrue) ? 2 : -1;
    private readonly int _false = !double.IsNaN(whenFalse) ? -1 : double.IsNaN(whenTrue) ? 3 : 2;

    /// <inheritdoc/>
    public string Name => "if";

    /// <inheritdoc/>
    public int Arity => 2 + (_true >= 0 ? 1 : 0) + (_false >= 0 ? 1 : 0);

    /// <inheritdoc/>
    public void Project(Span<double> operands)
    {
        double z = operands[0], d = operands[1];
        double trueDistance = isEquality ? 0.0 : Math.Max(d, margin), falseDistance = isEquality ? Outside(d) : Math.Min(d, -margin);
        (double trueValue, double trueCost) = Branch(operands, _true, whenTrue, z);
        (double falseValue, double falseCost) = Branch(operands, _false, whenFalse, z);
        trueCost += (d - trueDistance) * (d - trueDistance);
        falseCost += (d - falseDistance) * (d - falseDistance);
        bool isTrue = trueCost < falseCost || (trueCost == falseCost && d >= 0.0);
        (double value, double distance, int operand) = isTrue ? (trueValue, trueDistance, _true) : (falseValue, falseDistance, _false);
        (operands[0], operands[1]) = (value, distance);
        if (operand >= 0) operands[operand] = value;
    }

    private double Outside(double d) => Math.Abs(d) >= margin ? d : d < 0.0 ? -margin : margin;

    /// <summary>The common value of z and the branch, and the squared distance to it.</summary>
    private static (double Value, double Cost) Branch(ReadOnlySpan<double> operands, int operand, double constant, double z)
    {
        if (operand < 0) return (constant, (z - constant) * (z - constant));
        double mean = 0.5 * (z + operands[operand]);
        return (mean, 2.0 * (z - mean) * (z - mean));
    }
}
