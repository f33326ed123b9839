import { applyDecorators, UseInterceptors } from '@nestjs/common';
import { AdminOnly } from '../access/admin-only.decorator.js';
import { AuditInterceptor } from './audit.interceptor.js';

/** A controller for operators: an admin token is asked for, and every change is in the audit log. */
export function AdminRoute(): ClassDecorator {
  return applyDecorators(AdminOnly(), UseInterceptors(AuditInterceptor));
}
