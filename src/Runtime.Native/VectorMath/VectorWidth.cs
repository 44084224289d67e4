namespace Optc.Runtime.Native;

/// <summary>How many bits of a register the kernels over blocks of doubles use.</summary>
public enum VectorWidth
{
    /// <summary>One double.</summary>
    Scalar = 64,

    /// <summary>Two doubles.</summary>
    Vector128 = 128,

    /// <summary>Four doubles.</summary>
    Vector256 = 256,

    /// <summary>Eight doubles.</summary>
    Vector512 = 512,
}
