using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Optc.Runtime.Native;

/// <summary>A register of four doubles.</summary>
public readonly unsafe struct Lane4 : ILane<Lane4>
{
    private readonly Vector256<double> value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Lane4(Vector256<double> value) => this.value = value;

    private Vector256<long> Bits
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => value.AsInt64();
    }

    /// <inheritdoc/>
    public static int Count => 4;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane4 All(double value) => new(Vector256.Create(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane4 AllBits(long value) => new(Vector256.Create(value).AsDouble());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane4 Load(double* address) => new(Vector256.Load(address));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Lane4 value, double* address) => Vector256.Store(value.value, address);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane4 operator +(Lane4 left, Lane4 right) => new(left.value + right.value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane4 operator -(Lane4 left, Lane4 right) => new(left.value - right.value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane4 operator -(Lane4 value) => new(-value.value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane4 operator *(Lane4 left, Lane4 right) => new(left.value * right.value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane4 operator /(Lane4 left, Lane4 right) => new(left.value / right.value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane4 operator &(Lane4 left, Lane4 right) => new(left.value & right.value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane4 operator |(Lane4 left, Lane4 right) => new(left.value | right.value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane4 operator ^(Lane4 left, Lane4 right) => new(left.value ^ right.value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane4 operator ~(Lane4 value) => new(~value.value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane4 MultiplyAdd(Lane4 a, Lane4 b, Lane4 c) => new(Vector256.FusedMultiplyAdd(a.value, b.value, c.value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane4 NegateMultiplyAdd(Lane4 a, Lane4 b, Lane4 c) => new(Vector256.FusedMultiplyAdd(a.value, -b.value, c.value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane4 Sqrt(Lane4 x) => new(Vector256.Sqrt(x.value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane4 Round(Lane4 x) => new(Vector256.Round(x.value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane4 Abs(Lane4 x) => new(Vector256.Abs(x.value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane4 Min(Lane4 a, Lane4 b) => new(Vector256.MinNative(a.value, b.value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane4 Max(Lane4 a, Lane4 b) => new(Vector256.MaxNative(a.value, b.value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane4 AndNot(Lane4 a, Lane4 b) => new(Vector256.AndNot(a.value, b.value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane4 Select(Lane4 mask, Lane4 a, Lane4 b) => new(Vector256.ConditionalSelect(mask.value, a.value, b.value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane4 Less(Lane4 a, Lane4 b) => new(Vector256.LessThan(a.value, b.value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane4 LessOrEqual(Lane4 a, Lane4 b) => new(Vector256.LessThanOrEqual(a.value, b.value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane4 Equal(Lane4 a, Lane4 b) => new(Vector256.Equals(a.value, b.value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Every(Lane4 mask) => mask.value.ExtractMostSignificantBits() == 0b1111;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane4 AddBits(Lane4 a, Lane4 b) => new((a.Bits + b.Bits).AsDouble());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane4 SubtractBits(Lane4 a, Lane4 b) => new((a.Bits - b.Bits).AsDouble());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane4 ShiftLeft(Lane4 x, [ConstantExpected] int count) => new(Vector256.ShiftLeft(x.Bits, count).AsDouble());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane4 ShiftRight(Lane4 x, [ConstantExpected] int count) => new(Vector256.ShiftRightLogical(x.Bits, count).AsDouble());
}
