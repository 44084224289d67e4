using System.Runtime.CompilerServices;

namespace Optc.Runtime.Templates;

/// <summary>What the operators of a <see cref="KernelProgram"/> are on numbers: for the tape's single instances and for programs on numbers.</summary>
internal static class ScalarArithmetic
{
    /// <summary>The value of an operator at a, b and c, of which it takes as many as it has arguments.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Apply(KernelOp op, double a, double b, double c) => op switch
    {
        KernelOp.Add => a + b,
        KernelOp.Subtract => a - b,
        KernelOp.Multiply => a * b,
        KernelOp.Divide => a / b,
        KernelOp.Negate => -a,
        KernelOp.MultiplyAdd => Math.FusedMultiplyAdd(a, b, c),
        KernelOp.MultiplySubtract => Math.FusedMultiplyAdd(a, b, -c),
        KernelOp.NegateMultiplyAdd => Math.FusedMultiplyAdd(-a, b, c),
        KernelOp.SquareRoot => Math.Sqrt(a),
        KernelOp.Absolute => Math.Abs(a),
        KernelOp.Minimum => Math.Min(a, b),
        KernelOp.Maximum => Math.Max(a, b),
        KernelOp.IsLess => a < b ? 1 : 0,
        KernelOp.IsLessOrEqual => a <= b ? 1 : 0,
        KernelOp.IsEqual => a == b ? 1 : 0,
        KernelOp.Select => a != 0 ? b : c,
        _ => Unknown(op),
    };

    private static double Unknown(KernelOp op) => throw new InvalidOperationException($"Unknown instruction {op}.");
}
