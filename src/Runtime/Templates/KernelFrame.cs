namespace Optc.Runtime.Templates;

/// <summary>
/// What a kernel reads, as addresses of pinned memory (<c>long</c>, because compiled expression trees know no pointers but
/// calculate with integers). Slot k of instance i stands at <c>Point[slot]</c> with <c>slot = SlotBases[k] + step·i</c> where
/// the slot is affine (the step is part of the kernel) and <c>slot = ((int*)SlotTables[k])[i]</c> where it is not.
/// </summary>
public sealed class KernelFrame
{
    /// <summary>double*: the extended point, variables then stage values.</summary>
    public long Point;

    /// <summary>double*: a direction in the extended space, for products with second derivatives; 0 for other kernels.</summary>
    public long Direction;

    /// <summary>int*: first index of each affine slot.</summary>
    public long SlotBases;

    /// <summary>long*: address of each slot's table (int*), 0 for affine slots.</summary>
    public long SlotTables;

    /// <summary>double*: data of the template. Datum d of instance i is <c>Data[DataBases[d] + step·i]</c>, step 0 or 1.</summary>
    public long Data;

    /// <summary>int*: see <see cref="Data"/>.</summary>
    public long DataBases;

    /// <summary>First row of an affine row column.</summary>
    public long RowBase;

    /// <summary>int*: the row of each instance where it is not affine.</summary>
    public long RowTable;

    /// <summary>double*: weight of each row, for kernels that weigh.</summary>
    public long Weights;

    /// <summary>Frames of other templates that code for stretches of cells computes with this one.</summary>
    public KernelFrame[] Companions = [];

    /// <summary>double*: where code for stretches of cells writes.</summary>
    public long Output;

    /// <summary>double*: the same for the results of a second plan.</summary>
    public long OtherOutput;
}

/// <summary>
/// Computes all results of the instances [start, start + count) of a template. The block is a set of arrays,
/// <c>KernelCode.Stride</c> numbers from one to the next: element i − start of an array belongs to instance i. A kernel
/// may also compute instances around those asked for, never outside the template, into the slack before and behind each
/// array. It adds nothing to anything: results of one instance do not depend on the others. None allocates.
/// </summary>
/// <param name="frame">What to read.</param>
/// <param name="start">First instance.</param>
/// <param name="count">Number of instances, at most the block size of the code.</param>
/// <param name="block">double*: element 0 of array 0.</param>
public delegate void BlockKernel(KernelFrame frame, int start, int count, long block);
