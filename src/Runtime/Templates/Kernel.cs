namespace Optc.Runtime.Templates;

/// <summary>
/// What a kernel reads and writes, as addresses of pinned memory, so that compiled expression trees can reach it.
/// Slot k of instance i stands at <c>Point[slot]</c> with <c>slot = SlotBases[k] + step·i</c> where the slot is affine
/// (the step is part of the kernel) and <c>slot = ((int*)SlotTables[k])[i]</c> where it is not.
/// </summary>
public sealed class KernelFrame
{
    /// <summary>double*: the extended point, variables then stage values.</summary>
    public nint Point;

    /// <summary>int*: first index of each affine slot.</summary>
    public nint SlotBases;

    /// <summary>nint*: address of each slot's table (int*), 0 for affine slots.</summary>
    public nint SlotTables;

    /// <summary>double*: data of the template. Datum d of instance i is <c>Data[DataBases[d] + step·i]</c>, step 0 or 1.</summary>
    public nint Data;

    /// <summary>int*: see <see cref="Data"/>.</summary>
    public nint DataBases;

    /// <summary>int: first row of an affine row column.</summary>
    public int RowBase;

    /// <summary>int*: the row of each instance where it is not affine.</summary>
    public nint RowTable;

    /// <summary>double*: weight of each row, for second-order kernels.</summary>
    public nint Weights;

    /// <summary>int*: where entry e of instance i goes, <c>Map[e·MapStride + i]</c>, for first- and second-order kernels.</summary>
    public nint Map;

    /// <summary>int: see <see cref="Map"/>.</summary>
    public int MapStride;

    /// <summary>double*: what is added to.</summary>
    public nint Output;
}

/// <summary>
/// Works on the instances [start, end) of a template. A value kernel does <c>Output[row(i)] += φᵢ</c>; a first-order
/// kernel <c>Output[map(e,i)] += ∂φᵢ/∂slot</c> for each entry e; a second-order kernel
/// <c>Output[map(e,i)] += Weights[row(i)] · ∂²φᵢ/∂slot∂slot′</c>. None allocates.
/// </summary>
public delegate void Kernel(KernelFrame frame, int start, int end);
