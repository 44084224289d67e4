using Optc.Runtime.Native;

namespace Optc.Runtime.Solvers.Inner;

/// <summary>
/// The symmetric-polynomial preconditioner of a positive semidefinite B (Doikov, Rodomanov 2023): P₀ = I, P₁ = tr(B) I − B, and in general
/// P_τ = σ_τ(B) I − B P_{τ−1} with the elementary symmetric polynomials σ of the eigenvalues, so that each eigenvalue of P_τ is σ_τ of the
/// <em>other</em> eigenvalues of B: gaps between the τ + 1 largest are cut without the spectrum being known. σ comes from the power traces by Newton's
/// identities, and these from products with random signs (Hutchinson 1990). Scaled so that applying it does not overflow.
/// </summary>
internal sealed class PolynomialPreconditioner(int variableCount, int degree, int seed)
{
    private const int Probes = 4;

    private readonly double[] _probe = new double[variableCount];
    private readonly double[] _image = new double[variableCount];
    private readonly double[] _work = new double[variableCount];
    private readonly double[] _trace = new double[degree + 1];
    private readonly double[] _sigma = new double[degree + 1];
    private ulong _state = (ulong)seed * 2654435769UL + 1;
    private double _scale = 1.0;

    /// <summary>Estimates the traces of powers of the Hessian on the free variables.</summary>
    public void Prepare(PenaltyFunction function, ReadOnlySpan<bool> held)
    {
        Array.Clear(_trace);
        for (int k = 0; k < Probes; k++)
        {
            for (int j = 0; j < _probe.Length; j++) _probe[j] = held[j] ? 0.0 : Sign();
            _probe.CopyTo(_work, 0);
            for (int i = 1; i <= degree; i++)
            {
                Multiply(function, held, _work, _image);
                _trace[i] += VectorKernels.Dot(_probe, _image) / Probes;
                _image.CopyTo(_work, 0);
            }
        }
        SetPolynomials();
    }

    /// <summary>With the traces tr(Bⁱ), i from 1, given.</summary>
    internal void Prepare(ReadOnlySpan<double> traces)
    {
        traces.CopyTo(_trace.AsSpan(1));
        SetPolynomials();
    }

    /// <summary>A multiple of P_τ v.</summary>
    public void Apply(PenaltyFunction function, ReadOnlySpan<bool> held, ReadOnlySpan<double> v, Span<double> result)
    {
        v.CopyTo(result);
        double power = 1.0;
        for (int t = 1; t <= degree; t++)
        {
            Multiply(function, held, result, _image);
            power *= _scale;
            VectorKernels.Combine(_sigma[t] * power, v, -_scale, _image, result);
        }
    }

    /// <summary>t σ_t = Σ (−1)^{i−1} σ_{t−i} tr(Bⁱ).</summary>
    private void SetPolynomials()
    {
        _sigma[0] = 1.0;
        _scale = _trace[1] > 0.0 ? 1.0 / _trace[1] : 1.0;
        for (int t = 1; t <= degree; t++)
        {
            double sum = 0.0;
            for (int i = 1; i <= t; i++) sum += (i % 2 == 1 ? 1.0 : -1.0) * _sigma[t - i] * _trace[i];
            _sigma[t] = sum / t;
        }
    }

    private static void Multiply(PenaltyFunction function, ReadOnlySpan<bool> held, ReadOnlySpan<double> v, Span<double> product)
    {
        function.Product(v, product);
        for (int j = 0; j < product.Length; j++)
        {
            if (held[j]) product[j] = 0.0;
        }
    }

    private double Sign()
    {
        // xorshift64: the same signs in every run.
        _state ^= _state << 13;
        _state ^= _state >> 7;
        _state ^= _state << 17;
        return (_state & 1) == 0 ? 1.0 : -1.0;
    }
}
