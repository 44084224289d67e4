using System.Runtime.InteropServices;
using Optc.Runtime.Native;

namespace Optc.Bench.LinearAlgebra;

/// <summary>A factorisation of one matrix.</summary>
internal abstract class Contestant(string name) : IDisposable
{
    public string Name { get; } = name;
    public abstract void Analyse();
    public abstract void Factor();

    /// <summary>Overwrites a right-hand side with the solution, without refinement.</summary>
    public abstract void Solve(double[] x);
    public abstract Facts Facts();
    public virtual void Dispose()
    {
    }
}

/// <summary>What a factorisation says of itself; <see cref="Negative"/> is −1 when it does not count.</summary>
internal readonly record struct Facts(long FactorEntries, int Negative, string Ordering, long Delayed);

internal sealed class OptcContestant(Lower matrix, SymmetricFactorizationOptions options) : Contestant("optc")
{
    private SymmetricFactorization? _factorization;

    public SymmetricFactorization Factorization => _factorization ?? throw new InvalidOperationException("Not analysed yet.");
    public override void Analyse() => _factorization = new SymmetricFactorization(matrix.Count, matrix.Starts, matrix.Rows, options);
    public override void Factor()
    {
        if (!Factorization.Factor(matrix.Values) && Factorization.Status != FactorStatus.Singular) throw new InvalidOperationException($"{matrix.Name}: {Factorization.Status}");
    }
    public override void Solve(double[] x) => Factorization.Solve(x);
    public override Facts Facts() => new(Factorization.FactorNonzeros, Factorization.Inertia.Negative, "", Factorization.DelayedPivots);
}

/// <summary>One of the libraries of factorizations.c, by the prefix of its functions.</summary>
internal sealed unsafe class PeerContestant : Contestant
{
    private readonly Lower _matrix;
    private readonly void* _handle;
    private readonly delegate* unmanaged<void*, int> _analyse;
    private readonly delegate* unmanaged<void*, double*, int> _factor;
    private readonly delegate* unmanaged<void*, double*, int> _solve;
    private readonly delegate* unmanaged<void*, NativeFacts*, void> _facts;
    private readonly delegate* unmanaged<void*, void> _destroy;
    private readonly bool _counts;

    [StructLayout(LayoutKind.Sequential)]
    private struct NativeFacts
    {
        public long FactorEntries;
        public int Negative;
        public int Ordering;
        public long Delayed;
    }

    private PeerContestant(string name, string prefix, nint library, Lower matrix, int setting, bool counts) : base(name)
    {
        string run = prefix == "cholmod" ? "cholmod_run" : prefix;
        var create = (delegate* unmanaged<int, int*, int*, double*, int, void*>)NativeLibrary.GetExport(library, $"{prefix}_create");
        _analyse = (delegate* unmanaged<void*, int>)NativeLibrary.GetExport(library, $"{run}_analyse");
        _factor = (delegate* unmanaged<void*, double*, int>)NativeLibrary.GetExport(library, $"{run}_factor");
        _solve = (delegate* unmanaged<void*, double*, int>)NativeLibrary.GetExport(library, $"{run}_solve");
        _facts = (delegate* unmanaged<void*, NativeFacts*, void>)NativeLibrary.GetExport(library, $"{prefix}_facts");
        _destroy = (delegate* unmanaged<void*, void>)NativeLibrary.GetExport(library, $"{prefix}_destroy");
        _matrix = matrix;
        _counts = counts;
        fixed (int* starts = matrix.Starts, rows = matrix.Rows)
        fixed (double* values = matrix.Values) _handle = create(matrix.Count, starts, rows, values, setting);
    }

    /// <summary>MUMPS as it comes, its order its own choice (7), or with approximate minimum degree (0).</summary>
    public static PeerContestant Mumps(nint library, Lower matrix, bool minimumDegree) =>
        new(minimumDegree ? "MUMPS AMD" : "MUMPS", "mumps", library, matrix, minimumDegree ? 0 : 7, true);

    /// <summary>CHOLMOD as it comes; LDLᵀ without supernodes or pivoting where the matrix is not definite.</summary>
    public static PeerContestant Cholmod(nint library, Lower matrix) =>
        new("CHOLMOD", "cholmod", library, matrix, matrix.Kind == Kind.Definite ? 1 : 0, matrix.Kind != Kind.Definite);

    public override void Analyse() => Check(_analyse(_handle));

    public override void Factor()
    {
        fixed (double* values = _matrix.Values) Check(_factor(_handle, values));
    }

    public override void Solve(double[] x)
    {
        fixed (double* p = x) Check(_solve(_handle, p));
    }

    public override Facts Facts()
    {
        NativeFacts facts;
        _facts(_handle, &facts);
        string[] names = ["AMD", "", "AMF", "SCOTCH", "PORD", "METIS", "QAMD"];
        string ordering = Name == "CHOLMOD" ? facts.Ordering == 3 ? "METIS" : "AMD" : facts.Ordering is >= 0 and < 7 ? names[facts.Ordering] : "?";
        return new Facts(facts.FactorEntries, _counts ? facts.Negative : -1, ordering, facts.Delayed);
    }

    public override void Dispose() => _destroy(_handle);

    private void Check(int error)
    {
        if (error != 0) throw new InvalidOperationException($"{Name} on {_matrix.Name}: error {error}");
    }
}
