/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The loop that the kernel itself copies to and from user space with on a processor
 * without fast short rep movsb: rep_movs_alternative() of arch/x86/lib/copy_user_64.S,
 * without its exception table. It is the floor of whatever copies once, and user space
 * uses it here too, so that subjects differ in how often they copy, not in the loop.
 */
#ifndef FASTIPC_KERNEL_COPY_H
#define FASTIPC_KERNEL_COPY_H

#include <stddef.h>

void kernel_copy(void *to, const void *from, size_t length);

__asm__(".pushsection .text\n"
	".p2align 4\n"
	"kernel_copy:\n"
	"	movq	%rdx, %rcx\n"
	"	cmpq	$64, %rcx\n"
	"	jae	.Lkernel_copy_large\n"
	"	cmpl	$8, %ecx\n"
	"	jae	.Lkernel_copy_word\n"
	"	testl	%ecx, %ecx\n"
	"	je	.Lkernel_copy_exit\n"
	".Lkernel_copy_tail:\n"
	"	movb	(%rsi), %al\n"
	"	movb	%al, (%rdi)\n"
	"	incq	%rdi\n"
	"	incq	%rsi\n"
	"	decq	%rcx\n"
	"	jne	.Lkernel_copy_tail\n"
	".Lkernel_copy_exit:\n"
	"	ret\n"
	".p2align 4\n"
	".Lkernel_copy_word:\n"
	"	movq	(%rsi), %rax\n"
	"	movq	%rax, (%rdi)\n"
	"	addq	$8, %rsi\n"
	"	addq	$8, %rdi\n"
	"	subl	$8, %ecx\n"
	"	je	.Lkernel_copy_exit\n"
	"	cmpl	$8, %ecx\n"
	"	jae	.Lkernel_copy_word\n"
	"	jmp	.Lkernel_copy_tail\n"
	".Lkernel_copy_large:\n"
	"	movq	(%rsi), %rax\n"
	"	movq	%rax, (%rdi)\n"
	"	leaq	8(%rdi), %rax\n"
	"	andq	$-8, %rax\n"
	"	subq	%rdi, %rax\n"
	"	addq	%rax, %rdi\n"
	"	addq	%rax, %rsi\n"
	"	subq	%rax, %rcx\n"
	"	movq	%rcx, %rax\n"
	"	shrq	$3, %rcx\n"
	"	andl	$7, %eax\n"
	"	rep movsq\n"
	"	movl	%eax, %ecx\n"
	"	testl	%ecx, %ecx\n"
	"	jne	.Lkernel_copy_tail\n"
	"	ret\n"
	".type kernel_copy, @function\n"
	".size kernel_copy, . - kernel_copy\n"
	".popsection\n");

#endif
