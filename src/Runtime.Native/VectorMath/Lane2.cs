using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Optc.Runtime.Native;

/// <summary>A register of two doubles.</summary>
public readonly unsafe struct Lane2 : ILane<Lane2>
{
    private readonly Vector128<double> value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Lane2(Vector128<double> value) => this.value = value;

    private Vector128<long> Bits
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => value.AsInt64();
    }

    /// <inheritdoc/>
    public static int Count => 2;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane2 All(double value) => new(Vector128.Create(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane2 AllBits(long value) => new(Vector128.Create(value).AsDouble());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane2 Load(double* address) => new(Vector128.Load(address));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Lane2 value, double* address) => Vector128.Store(value.value, address);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane2 operator +(Lane2 left, Lane2 right) => new(left.value + right.value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane2 operator -(Lane2 left, Lane2 right) => new(left.value - right.value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane2 operator -(Lane2 value) => new(-value.value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane2 operator *(Lane2 left, Lane2 right) => new(left.value * right.value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane2 operator /(Lane2 left, Lane2 right) => new(left.value / right.value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane2 operator &(Lane2 left, Lane2 right) => new(left.value & right.value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane2 operator |(Lane2 left, Lane2 right) => new(left.value | right.value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane2 operator ^(Lane2 left, Lane2 right) => new(left.value ^ right.value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane2 operator ~(Lane2 value) => new(~value.value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane2 MultiplyAdd(Lane2 a, Lane2 b, Lane2 c) => new(Vector128.FusedMultiplyAdd(a.value, b.value, c.value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane2 NegateMultiplyAdd(Lane2 a, Lane2 b, Lane2 c) => new(Vector128.FusedMultiplyAdd(a.value, -b.value, c.value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane2 Sqrt(Lane2 x) => new(Vector128.Sqrt(x.value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane2 Round(Lane2 x) => new(Vector128.Round(x.value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane2 Abs(Lane2 x) => new(Vector128.Abs(x.value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane2 Min(Lane2 a, Lane2 b) => new(Vector128.MinNative(a.value, b.value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane2 Max(Lane2 a, Lane2 b) => new(Vector128.MaxNative(a.value, b.value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane2 AndNot(Lane2 a, Lane2 b) => new(Vector128.AndNot(a.value, b.value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane2 Select(Lane2 mask, Lane2 a, Lane2 b) => new(Vector128.ConditionalSelect(mask.value, a.value, b.value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane2 Less(Lane2 a, Lane2 b) => new(Vector128.LessThan(a.value, b.value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane2 LessOrEqual(Lane2 a, Lane2 b) => new(Vector128.LessThanOrEqual(a.value, b.value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane2 Equal(Lane2 a, Lane2 b) => new(Vector128.Equals(a.value, b.value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Every(Lane2 mask) => mask.value.ExtractMostSignificantBits() == 0b11;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane2 AddBits(Lane2 a, Lane2 b) => new((a.Bits + b.Bits).AsDouble());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane2 SubtractBits(Lane2 a, Lane2 b) => new((a.Bits - b.Bits).AsDouble());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane2 ShiftLeft(Lane2 x, [ConstantExpected] int count) => new(Vector128.ShiftLeft(x.Bits, count).AsDouble());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane2 ShiftRight(Lane2 x, [ConstantExpected] int count) => new(Vector128.ShiftRightLogical(x.Bits, count).AsDouble());
}
