namespace Optc.Runtime.Templates;

/// <summary>
/// Asks for code that computes what a stretch of cells gets, instead of what a stretch of instances gives: results that go
/// to neighbouring cells are summed in registers and stored, whole vectors at a time.
/// </summary>
/// <param name="Groups">What goes where.</param>
/// <param name="Reach">The largest shift: place k needs the instances k − Reach to k, and those from k − 2·Reach on
/// are read, though what they give is not used.</param>
/// <param name="Offsets">For the template and each companion, the instance that stands at place 0.</param>
public sealed record PullRequest(PulledGroup[] Groups, int Reach, int[] Offsets);

/// <summary>
/// Place k of residue r is the cell <c>Base + Step·k + r</c> of an output; it gets the sum of the residue's sources.
/// </summary>
/// <param name="Output">0 for <see cref="KernelFrame.Output"/>, 1 for <see cref="KernelFrame.OtherOutput"/>.</param>
/// <param name="Base">First cell.</param>
/// <param name="Step">Cells of one place.</param>
/// <param name="Assigns">Whether the sums are stored, or added to what is there.</param>
/// <param name="Sources">For each residue its sources: the result and how many instances before the place, by result. None
/// for a residue that the kernel leaves alone; residues at the end may be missing.</param>
public sealed record PulledGroup(int Output, long Base, int Step, bool Assigns, PulledSource[][] Sources)
{
    private const int WidestVector = 4;

    /// <summary>Whether its places are interleaved in registers and stored without a gap.</summary>
    public bool IsInterleaved => Step <= WidestVector && Sources.Length == Step && Array.TrueForAll(Sources, s => s.Length > 0);
}

/// <summary>
/// A result of a kernel, of the instance <paramref name="Shift"/> before the place; <paramref name="Part"/> is 0 for the template itself,
/// 1 for the first companion and so on.
/// </summary>
public readonly record struct PulledSource(int Part, int Result, int Shift);
