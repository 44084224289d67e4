namespace Optc.Runtime.Solvers.BlockCoordinate;

/// <summary>
/// When the same coordinates have been at their kinks for two epochs, the others are moved together by Newton's method: once the
/// active set is identified, convergence is superlinear, and finite for quadratics (Nutini, Laradji, Schmidt, JMLR 23,
/// 2022). Tries that fail, or sets too large for a dense matrix, are paid for by waiting longer.
/// </summary>
internal sealed class ActiveSetFinish
{
    private const int MostFree = 1500, MostSteps = 5;

    private readonly BlockState _state;
    private readonly MatrixUpdate _newton;
    private readonly int[] _atoms, _coordinates;
    private readonly sbyte[] _pattern;
    private int _stable, _wait = 2;

    public ActiveSetFinish(BlockState state)
    {
        _state = state;
        _newton = new MatrixUpdate(state, isForest: false);
        BlockPenalty penalty = state.Penalty;
        _atoms = [.. Enumerable.Range(0, penalty.AtomCount)];
        _coordinates = new int[penalty.VariableCount];
        int at = 0;
        foreach (int a in _atoms)
        {
            foreach (int j in penalty.Members(a)) _coordinates[at++] = j;
        }
        _pattern = new sbyte[penalty.VariableCount];
    }

    /// <summary>Newton steps that were taken.</summary>
    public int Taken { get; private set; }

    public void AfterEpoch()
    {
        int free = ReadPattern(out bool isSame);
        _stable = isSame ? _stable + 1 : 0;
        if (free == 0 || free > MostFree || _stable < _wait) return;
        int taken = 0;
        while (taken < MostSteps && _newton.Newton(_atoms, _coordinates) > 0) taken++;
        Taken += taken;
        if (taken == 0) (_stable, _wait) = (0, Math.Min(2 * _wait, 64));
        else _wait = 2;
    }

    /// <summary>Notes who is at a kink and which signs the others have; the number of the others.</summary>
    private int ReadPattern(out bool isSame)
    {
        int free = 0;
        isSame = true;
        ReadOnlySpan<double> x = _state.Function.Point;
        for (int j = 0; j < x.Length; j++)
        {
            bool isAtKink = _state.Penalty.IsAtKink(j, x);
            sbyte sign = isAtKink ? (sbyte)2 : _state.Penalty.Separable.L1[j] > 0 ? (sbyte)Math.Sign(x[j]) : (sbyte)1;
            isSame &= _pattern[j] == sign;
            _pattern[j] = sign;
            if (!isAtKink) free++;
        }
        return free;
    }
}
