package net

// The products below are converted with float32(a*b) before they are added,
// so that no compiler fuses them and results agree on every machine.

// mulT adds to c, which has m rows of n, the product of a, m rows of k, and
// the transpose of b, n rows of k.
func mulT(c, a, b []float32, m, n, k int) {
	i := 0
	for ; i+2 <= m; i += 2 {
		a0, a1 := a[i*k:(i+1)*k], a[(i+1)*k:(i+2)*k]
		c0, c1 := c[i*n:(i+1)*n], c[(i+1)*n:(i+2)*n]
		j := 0
		for ; j+2 <= n; j += 2 {
			b0, b1 := b[j*k:(j+1)*k], b[(j+1)*k:(j+2)*k]
			a1, b0, b1 := a1[:len(a0)], b0[:len(a0)], b1[:len(a0)]
			var s00, s01, s10, s11 float32
			for p, x := range a0 {
				y, u, v := a1[p], b0[p], b1[p]
				s00 += float32(x * u)
				s01 += float32(x * v)
				s10 += float32(y * u)
				s11 += float32(y * v)
			}
			c0[j] += s00
			c0[j+1] += s01
			c1[j] += s10
			c1[j+1] += s11
		}
		for ; j < n; j++ {
			c0[j] += dot(a0, b[j*k:(j+1)*k])
			c1[j] += dot(a1, b[j*k:(j+1)*k])
		}
	}
	for ; i < m; i++ {
		for j := range n {
			c[i*n+j] += dot(a[i*k:(i+1)*k], b[j*k:(j+1)*k])
		}
	}
}

func dot(a, b []float32) float32 {
	b = b[:len(a)]
	var s0, s1, s2, s3 float32
	i := 0
	for ; i+4 <= len(a); i += 4 {
		s0 += float32(a[i] * b[i])
		s1 += float32(a[i+1] * b[i+1])
		s2 += float32(a[i+2] * b[i+2])
		s3 += float32(a[i+3] * b[i+3])
	}
	for ; i < len(a); i++ {
		s0 += float32(a[i] * b[i])
	}
	return s0 + s1 + s2 + s3
}
