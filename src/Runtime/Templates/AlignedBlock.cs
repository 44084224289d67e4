namespace Optc.Runtime.Templates;

/// <summary>Memory for the arrays of a kernel's block, grown as needed; arrays begin on cache lines.</summary>
internal sealed unsafe class AlignedBlock
{
    // Of a cache line.
    private const int Alignment = 64;
    private double[] _numbers = [];

    /// <summary>Element 0 of array 0, the history of the arrays before it.</summary>
    public double* For(KernelCode code)
    {
        var need = (code.ArrayCount * code.Stride) + KernelCode.History + (Alignment / sizeof(double));
        if (_numbers.Length < need)
            _numbers = Pinned.Zeros<double>(need);
        var aligned = (Pinned.Address(_numbers) + Alignment - 1) & -Alignment;
        return (double*)aligned + KernelCode.History;
    }
}
