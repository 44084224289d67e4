namespace Optc.Runtime.Solvers.BlockCoordinate;

/// <summary>
/// Quadratics on sparse graphs by their matrix, whatever they came as: a step then costs a row of A, and second derivatives nothing. Where ½xᵀAx − bᵀx + c
/// would round away what the tolerance asks for, or A is not sparse, they stay as they are.
/// </summary>
internal static class MatrixForm
{
    /// <summary>Least tolerance over the rounding of A's and b's entries.</summary>
    private const double Margin = 1e4, Rounding = 1e-16;

    /// <summary>The function by its matrix, or itself.</summary>
    public static SmoothFunction OrSame(SmoothFunction function, double tolerance)
    {
        QuadraticFunction? quadratic = function switch
        {
            CompiledFunction { IsSparseQuadratic: true } compiled => compiled.ToQuadratic(),
            LossFunction { IsSparseQuadratic: true } loss => loss.ToQuadratic(),
            _ => null,
        };
        return quadratic is not null && Margin * Rounding * Largest(quadratic) <= tolerance ? quadratic : function;
    }

    private static double Largest(QuadraticFunction f)
    {
        double largest = 0;
        foreach (double v in f.Values) largest = Math.Max(largest, Math.Abs(v));
        foreach (double v in f.Linear) largest = Math.Max(largest, Math.Abs(v));
        return largest;
    }
}
