namespace Optc.Bench.Evaluation;

/// <summary>The points that calls go round, one behind another: the start, moved a little and differently in each.</summary>
internal sealed unsafe class Points : IDisposable
{
    /// <summary>How many; successive calls are never at the same point.</summary>
    public const int Count = 3;

    private readonly NativeVector _values;

    public Points(ReadOnlySpan<double> start)
    {
        Dimension = start.Length;
        // Points begin on cache lines.
        Stride = (Dimension + 7) / 8 * 8;
        _values = new NativeVector((long)Stride * Count);
        for (int p = 0; p < Count; p++)
        {
            Span<double> x = this[p];
            for (int i = 0; i < x.Length; i++) x[i] = start[i] + 1e-3 * ((7L * i + 5L * p) % 11) / 11.0;
        }
    }

    /// <summary>The same points for a contestant with another order of variables: its variable k is variable order[k].</summary>
    public Points(Points other, ReadOnlySpan<int> order)
    {
        Dimension = other.Dimension;
        Stride = other.Stride;
        _values = new NativeVector((long)Stride * Count);
        for (int p = 0; p < Count; p++)
        {
            Span<double> x = this[p];
            for (int k = 0; k < x.Length; k++) x[k] = other[p][order[k]];
        }
    }

    public int Dimension { get; }

    public int Stride { get; }

    public double* Pointer => _values.Pointer;

    public Span<double> this[int point] => _values.Span.Slice(point * Stride, Dimension);

    public void Dispose() => _values.Dispose();
}
