namespace Optc.Runtime.Templates;

/// <summary>A way to compute a kernel's results: interpreted or compiled, with the layout of its block.</summary>
public sealed class KernelCode
{
    /// <summary>Numbers before each array of a block: what instances before the block gave.</summary>
    public const int History = 8;

    /// <summary>Numbers behind each array, for vectors that reach over the end.</summary>
    public const int Padding = 8;

    /// <summary>The code.</summary>
    public required BlockKernel Run { get; init; }

    /// <summary>For each result the array that holds it; equal results share one.</summary>
    public required int[] ResultArrays { get; init; }

    /// <summary>Number of arrays, those for intermediate values included.</summary>
    public required int ArrayCount { get; init; }

    /// <summary>Largest number of instances of one call; a multiple of 8.</summary>
    public required int BlockSize { get; init; }

    /// <summary>Instructions for an instance: about what it costs.</summary>
    public int Cost { get; init; }

    /// <summary>What the code reads by address and nothing else keeps alive.</summary>
    public object? Keeps { get; init; }

    /// <summary>Numbers from one array of the block to the next.</summary>
    public int Stride => BlockSize + History + Padding;
}
