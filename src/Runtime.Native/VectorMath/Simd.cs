using System.Runtime.Intrinsics;

namespace Optc.Runtime.Native;

/// <summary>The vector width of this process, chosen once.</summary>
public static class Simd
{
    /// <summary>The environment variable that forces a width: 64, 128, 256 or 512.</summary>
    public const string Variable = "OPTC_VECTOR_BITS";

    /// <summary>The forced width, or else the widest that the hardware accelerates.</summary>
    public static VectorWidth Width { get; } = Choose(Environment.GetEnvironmentVariable(Variable));

    /// <summary>Doubles in a vector of <see cref="Width"/>.</summary>
    public static int Count => (int)Width / 64;

    internal static VectorWidth Choose(string? forced) => forced switch
    {
        null or "" => Widest(),
        "64" => VectorWidth.Scalar,
        "128" => VectorWidth.Vector128,
        "256" => VectorWidth.Vector256,
        "512" => VectorWidth.Vector512,
        _ => throw new InvalidOperationException($"{Variable} is \"{forced}\"; it must be 64, 128, 256 or 512, or unset to let the hardware decide."),
    };

    private static VectorWidth Widest() =>
        Vector512.IsHardwareAccelerated ? VectorWidth.Vector512
        : Vector256.IsHardwareAccelerated ? VectorWidth.Vector256
        : Vector128.IsHardwareAccelerated ? VectorWidth.Vector128
        : VectorWidth.Scalar;
}
