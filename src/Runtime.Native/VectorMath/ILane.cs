using System.Numerics;

namespace Optc.Runtime.Native;

/// <summary>
/// A register of doubles, so that an algorithm is written once and compiled for every width. Every operation acts lane by lane and
/// rounds as IEEE 754 says, so that results do not depend on the width. A mask is a register whose lanes are all ones or all zeros.
/// </summary>
/// <typeparam name="TSelf">The register.</typeparam>
public unsafe interface ILane<TSelf> :
    IAdditionOperators<TSelf, TSelf, TSelf>,
    ISubtractionOperators<TSelf, TSelf, TSelf>,
    IUnaryNegationOperators<TSelf, TSelf>,
    IMultiplyOperators<TSelf, TSelf, TSelf>,
    IDivisionOperators<TSelf, TSelf, TSelf>,
    IBitwiseOperators<TSelf, TSelf, TSelf>
    where TSelf : unmanaged, ILane<TSelf>
{
    /// <summary>Doubles in the register.</summary>
    static abstract int Count { get; }

    /// <summary>The same value in all lanes.</summary>
    static abstract TSelf All(double value);

    /// <summary>The same 64 bits in all lanes.</summary>
    static abstract TSelf AllBits(long value);

    /// <summary>Reads <see cref="Count"/> doubles, aligned or not.</summary>
    static abstract TSelf Load(double* address);

    /// <summary>Writes <see cref="Count"/> doubles, aligned or not.</summary>
    static abstract void Store(TSelf value, double* address);

    /// <summary>a·b + c with one rounding.</summary>
    static abstract TSelf MultiplyAdd(TSelf a, TSelf b, TSelf c);

    /// <summary>c − a·b with one rounding.</summary>
    static abstract TSelf NegateMultiplyAdd(TSelf a, TSelf b, TSelf c);

    /// <summary>√x, correctly rounded.</summary>
    static abstract TSelf Sqrt(TSelf x);

    /// <summary>The nearest integer, halves to even.</summary>
    static abstract TSelf Round(TSelf x);

    /// <summary>|x|.</summary>
    static abstract TSelf Abs(TSelf x);

    /// <summary>The lesser, for arguments other than NaN and zeros of different sign.</summary>
    static abstract TSelf Min(TSelf a, TSelf b);

    /// <summary>The greater, for arguments other than NaN and zeros of different sign.</summary>
    static abstract TSelf Max(TSelf a, TSelf b);

    /// <summary>a and not b, bit by bit.</summary>
    static abstract TSelf AndNot(TSelf a, TSelf b);

    /// <summary>a where the mask is set, else b.</summary>
    static abstract TSelf Select(TSelf mask, TSelf a, TSelf b);

    /// <summary>The mask a &lt; b, unset for NaN.</summary>
    static abstract TSelf Less(TSelf a, TSelf b);

    /// <summary>The mask a ≤ b, unset for NaN.</summary>
    static abstract TSelf LessOrEqual(TSelf a, TSelf b);

    /// <summary>The mask a = b, unset for NaN.</summary>
    static abstract TSelf Equal(TSelf a, TSelf b);

    /// <summary>Whether the mask is set in all lanes.</summary>
    static abstract bool Every(TSelf mask);

    /// <summary>The sum of the bits as 64-bit integers.</summary>
    static abstract TSelf AddBits(TSelf a, TSelf b);

    /// <summary>The difference of the bits as 64-bit integers.</summary>
    static abstract TSelf SubtractBits(TSelf a, TSelf b);

    /// <summary>The bits of every lane shifted left.</summary>
    static abstract TSelf ShiftLeft(TSelf x, [System.Diagnostics.CodeAnalysis.ConstantExpected] int count);

    /// <summary>The bits of every lane shifted right, zeros coming in.</summary>
    static abstract TSelf ShiftRight(TSelf x, [System.Diagnostics.CodeAnalysis.ConstantExpected] int count);
}
