using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Optc.Runtime.Native;

/// <summary>A register of eight doubles.</summary>
public readonly unsafe struct Lane8 : ILane<Lane8>
{
    private readonly Vector512<double> value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Lane8(Vector512<double> value) => this.value = value;

    private Vector512<long> Bits
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => value.AsInt64();
    }

    /// <inheritdoc/>
    public static int Count => 8;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane8 All(double value) => new(Vector512.Create(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane8 AllBits(long value) => new(Vector512.Create(value).AsDouble());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane8 Load(double* address) => new(Vector512.Load(address));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Lane8 value, double* address) => Vector512.Store(value.value, address);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane8 operator +(Lane8 left, Lane8 right) => new(left.value + right.value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane8 operator -(Lane8 left, Lane8 right) => new(left.value - right.value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane8 operator -(Lane8 value) => new(-value.value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane8 operator *(Lane8 left, Lane8 right) => new(left.value * right.value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane8 operator /(Lane8 left, Lane8 right) => new(left.value / right.value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane8 operator &(Lane8 left, Lane8 right) => new(left.value & right.value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane8 operator |(Lane8 left, Lane8 right) => new(left.value | right.value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane8 operator ^(Lane8 left, Lane8 right) => new(left.value ^ right.value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane8 operator ~(Lane8 value) => new(~value.value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane8 MultiplyAdd(Lane8 a, Lane8 b, Lane8 c) => new(Vector512.FusedMultiplyAdd(a.value, b.value, c.value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane8 NegateMultiplyAdd(Lane8 a, Lane8 b, Lane8 c) => new(Vector512.FusedMultiplyAdd(a.value, -b.value, c.value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane8 Sqrt(Lane8 x) => new(Vector512.Sqrt(x.value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane8 Round(Lane8 x) => new(Vector512.Round(x.value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane8 Abs(Lane8 x) => new(Vector512.Abs(x.value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane8 Min(Lane8 a, Lane8 b) => new(Vector512.MinNative(a.value, b.value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane8 Max(Lane8 a, Lane8 b) => new(Vector512.MaxNative(a.value, b.value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane8 AndNot(Lane8 a, Lane8 b) => new(Vector512.AndNot(a.value, b.value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane8 Select(Lane8 mask, Lane8 a, Lane8 b) => new(Vector512.ConditionalSelect(mask.value, a.value, b.value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane8 Less(Lane8 a, Lane8 b) => new(Vector512.LessThan(a.value, b.value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane8 LessOrEqual(Lane8 a, Lane8 b) => new(Vector512.LessThanOrEqual(a.value, b.value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane8 Equal(Lane8 a, Lane8 b) => new(Vector512.Equals(a.value, b.value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Every(Lane8 mask) => mask.value.ExtractMostSignificantBits() == 0b1111_1111;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane8 AddBits(Lane8 a, Lane8 b) => new((a.Bits + b.Bits).AsDouble());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane8 SubtractBits(Lane8 a, Lane8 b) => new((a.Bits - b.Bits).AsDouble());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane8 ShiftLeft(Lane8 x, [ConstantExpected] int count) => new(Vector512.ShiftLeft(x.Bits, count).AsDouble());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane8 ShiftRight(Lane8 x, [ConstantExpected] int count) => new(Vector512.ShiftRightLogical(x.Bits, count).AsDouble());
}
