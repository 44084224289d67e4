using System.Reflection;
using Optc.Runtime.Native;

namespace Optc.Runtime.Templates;

/// <summary>A function of one to three numbers, and its form for blocks.</summary>
public sealed class KernelFunction
{
    private static readonly Type Blocks = typeof(VectorMath<>).MakeGenericType(Simd.Width switch
    {
        VectorWidth.Scalar => typeof(Lane1),
        VectorWidth.Vector128 => typeof(Lane2),
        VectorWidth.Vector256 => typeof(Lane4),
        _ => typeof(Lane8),
    });

    /// <summary>
    /// The function of a static method <c>double f(double, …)</c>: the vector function of that name and its form for single
    /// numbers, which give the same bits, or where there is none the method itself.
    /// </summary>
    public KernelFunction(MethodInfo method)
    {
        ArgumentNullException.ThrowIfNull(method);
        Arity = method.GetParameters().Length;
        Block = Blocks.GetMethod(method.Name, [.. Enumerable.Repeat(typeof(nint), Arity + 1), typeof(int)]);
        Scalar = Block is null ? method : typeof(VectorMathScalar).GetMethod(method.Name, [.. Enumerable.Repeat(typeof(double), Arity)])!;
        ScalarPointer = Scalar.MethodHandle.GetFunctionPointer();
        BlockPointer = Block?.MethodHandle.GetFunctionPointer() ?? 0;
    }

    /// <summary><c>void SinCos(nint x, nint sin, nint cos, int count)</c>, for blocks.</summary>
    public static MethodInfo SineCosine { get; } = Blocks.GetMethod("SinCos")!;

    internal static nint SineCosinePointer { get; } = SineCosine.MethodHandle.GetFunctionPointer();

    /// <summary>Number of arguments, 1 to 3.</summary>
    public int Arity { get; }

    /// <summary>For numbers.</summary>
    public MethodInfo Scalar { get; }

    /// <summary>For blocks; null where the scalar function is called for each instance.</summary>
    public MethodInfo? Block { get; }

    internal nint ScalarPointer { get; }

    internal nint BlockPointer { get; }

    /// <summary>The function on a block, by its block method or element by element. Addresses of doubles; those of
    /// arguments beyond the arity are not read.</summary>
    public unsafe void Apply(nint x, nint y, nint z, nint result, int count)
    {
        switch (Arity)
        {
            case 1 when BlockPointer != 0:
                ((delegate*<nint, nint, int, void>)BlockPointer)(x, result, count);
                break;
            case 2 when BlockPointer != 0:
                ((delegate*<nint, nint, nint, int, void>)BlockPointer)(x, y, result, count);
                break;
            case 1:
                var f1 = (delegate*<double, double>)ScalarPointer;
                for (var i = 0; i < count; i++)
                    ((double*)result)[i] = f1(((double*)x)[i]);
                break;
            case 2:
                var f2 = (delegate*<double, double, double>)ScalarPointer;
                for (var i = 0; i < count; i++)
                    ((double*)result)[i] = f2(((double*)x)[i], ((double*)y)[i]);
                break;
            default:
                var f3 = (delegate*<double, double, double, double>)ScalarPointer;
                for (var i = 0; i < count; i++)
                    ((double*)result)[i] = f3(((double*)x)[i], ((double*)y)[i], ((double*)z)[i]);
                break;
        }
    }
}
