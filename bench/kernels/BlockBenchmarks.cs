using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using Optc.Runtime.Native;

namespace Optc.Bench.Kernels;

/// <summary>Functions and stores on a block of 512 numbers in the first-level cache.</summary>
public unsafe class BlockBenchmarks
{
    private const int Count = 512;
    private readonly double[] _x = Numbers(), _y = Numbers(), _target = GC.AllocateArray<double>(4 * Count, pinned: true);

    private double* X => Address(_x);

    private double* Y => Address(_y);

    private double* Target => Address(_target);

    /// <summary>eˣ, four lanes.</summary>
    [Benchmark]
    public void Exp() => VectorMath<Lane4>.Exp((nint)X, (nint)Target, Count);

    /// <summary>eˣ, one lane.</summary>
    [Benchmark]
    public void ExpOneLane() => VectorMath<Lane1>.Exp((nint)X, (nint)Target, Count);

    /// <summary>sin x, four lanes.</summary>
    [Benchmark]
    public void Sin() => VectorMath<Lane4>.Sin((nint)X, (nint)Target, Count);

    /// <summary>sin x, one lane.</summary>
    [Benchmark]
    public void SinOneLane() => VectorMath<Lane1>.Sin((nint)X, (nint)Target, Count);

    /// <summary>Σx.</summary>
    [Benchmark]
    public double Sum() => BlockStores.Sum(X, Count);

    /// <summary>x + y.</summary>
    [Benchmark]
    public void Add() => BlockStores.Add(X, Y, Target, Count);

    /// <summary>x₀ y₀ x₁ y₁ …</summary>
    [Benchmark]
    public void InterleaveTwo() => BlockStores.Interleave(X, Y, Target, Count);

    /// <summary>x₀ y₀ x₀ x₁ y₁ x₁ …</summary>
    [Benchmark]
    public void InterleaveThree() => BlockStores.Interleave(X, Y, X, Target, Count);

    /// <summary>Every fourth number.</summary>
    [Benchmark]
    public void StoreStrided() => BlockStores.Store(X, Target, 4, Count);

    private static double[] Numbers()
    {
        double[] values = GC.AllocateArray<double>(Count, pinned: true);
        for (int i = 0; i < Count; i++) values[i] = 0.01 * i;
        return values;
    }

    private static double* Address(double[] pinned) => (double*)Marshal.UnsafeAddrOfPinnedArrayElement(pinned, 0);
}
