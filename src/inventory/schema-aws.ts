/** The words of AWS in an inventory. Sources: Systems Manager and IAM API references (InstanceId, arnType, LogGroupName). */
import { z } from 'zod';

/** EC2 instances had 8 digits until 2016; managed nodes elsewhere have 17. */
const INSTANCE_ID = /^(i-([0-9a-f]{8}|[0-9a-f]{17})|mi-[0-9a-f]{17})$/;

export const instance = z
  .string()
  .regex(INSTANCE_ID, 'expected the ID of a managed node: i- and 8 or 17, or mi- and 17 hexadecimal digits')
  .describe('Managed node of AWS Systems Manager. Needed with transport ssm.')
  .meta({ examples: ['i-0123456789abcdef0'] });

export const region = z
  .string()
  .regex(/^[a-z]{2}(-[a-z]+)+-\d{1,2}$/, 'expected an AWS region like eu-central-1')
  .describe('AWS region of the instance. Absent: AWS_REGION, else the AWS profile’s.');

export const roleArn = z
  .string()
  .regex(
    /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/,
    'expected the ARN of a role like arn:aws:iam::123456789012:role/auditor',
  )
  .describe('IAM role to assume for it. Absent: the auditor’s own AWS identity.');

export const ssm = z
  .strictObject({
    cloudwatch_log_group: z
      .string()
      .regex(/^[.\-_/#A-Za-z0-9]{1,512}$/, 'expected the name of a log group like /ssh-scorecard/collector')
      .describe('CloudWatch log group for output that is longer than Run Command hands out itself.')
      .optional(),
  })
  .describe('AWS Systems Manager, for hosts with transport ssm.');
