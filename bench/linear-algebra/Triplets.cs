using Optc.Runtime.Native;

namespace Optc.Bench.LinearAlgebra;

/// <summary>What elimination without pivoting may expect.</summary>
internal enum Kind
{
    /// <summary>Positive definite: LLᵀ exists.</summary>
    Definite,

    /// <summary>[H, Jᵀ; J, −E] with H and E positive definite: LDLᵀ exists for every order.</summary>
    QuasiDefinite,

    /// <summary>Needs pivoting.</summary>
    Indefinite,
}

/// <summary>A symmetric matrix by the columns of its lower triangle.</summary>
internal sealed record Lower(string Name, Kind Kind, int Count, int[] Starts, int[] Rows, double[] Values)
{
    /// <summary>Reads order and number of entries, column starts, rows (32-bit) and values, as they lie in memory.</summary>
    public static Lower Read(string file)
    {
        using var reader = new BinaryReader(File.OpenRead(file));
        int n = reader.ReadInt32(), entries = reader.ReadInt32();
        int[] starts = [.. Enumerable.Range(0, n + 1).Select(_ => reader.ReadInt32())];
        int[] rows = [.. Enumerable.Range(0, entries).Select(_ => reader.ReadInt32())];
        double[] values = [.. Enumerable.Range(0, entries).Select(_ => reader.ReadDouble())];
        return new Lower(Path.GetFileName(file), Kind.Indefinite, n, starts, rows, values);
    }
}

/// <summary>Collects entries of a lower triangle; those named twice are added up.</summary>
internal sealed class Triplets
{
    private readonly List<int> _rows = [];
    private readonly List<int> _columns = [];
    private readonly List<double> _values = [];

    public void Add(int row, int column, double value)
    {
        _rows.Add(Math.Max(row, column));
        _columns.Add(Math.Min(row, column));
        _values.Add(value);
    }

    public Lower ToLower(string name, Kind kind, int n)
    {
        var (starts, rows, target) = SparseKernels.CompressColumns(n, n, [.. _rows], [.. _columns]);
        var values = new double[rows.Length];
        SparseKernels.ScatterAdd([.. _values], target, values);
        return new Lower(name, kind, n, starts, rows, values);
    }
}
